import { ActionIcon, Anchor, CopyButton, Text, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconClock, IconCopy, IconExternalLink, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryItem, Pop, Screen } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { useMinute } from '../../lib/minute';
import { OutcomePill, StatePill } from '../../ui/ui';
import css from './agent.module.css';
import { useCommand } from './command';
import deskCss from './desk.module.css';
import { Knowledge } from './Knowledge';
import { dispositionName } from './names';
import { DeskSales } from '../sales/DeskSales';

function CallLine({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const call = screen.call;
  if (!call) return null;
  // While they talk the state bar says it, larger.
  const state = call.status === 'ended' ? 'Offline' : 'Reserved';
  return (
    <div className={css.callLine} data-testid="call" data-call={call.status} aria-live="polite">
      {call.status !== 'talking' && <StatePill state={state}>{t(`desk.call.${call.status}`)}</StatePill>}
      {call.status === 'ended' && call.hung_up_by && (
        <Text size="sm" c="dimmed">{t('desk.call.by', { who: codeName('hungUpBy', call.hung_up_by) })}</Text>
      )}
    </div>
  );
}

function LocalTime({ zone, sent }: { zone: string; sent: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  useMinute();
  const text = zone ? f.time(clock.now(), zone) : sent.slice(11, 16);
  if (!text) return null;
  return (
    <div className={css.local} data-testid="local-time">
      <IconClock size={15} stroke={1.7} aria-hidden />
      <span>{t('desk.contact.localTime')}</span>
      <b className="num">{text}</b>
      <span className="truncate">{zone}</span>
    </div>
  );
}

function History({ items, pop }: { items: HistoryItem[]; pop: Pop }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (items.length === 0) return <Text size="sm" c="dimmed">{t('desk.contact.noHistory')}</Text>;
  return (
    <ol className={css.history} data-testid="history">
      {items.map((h) => (
        <li key={h.at + h.outcome}>
          <div className={css.historyHead}>
            <OutcomePill outcome={h.outcome} />
            <Text size="xs" c="dimmed" className="truncate" title={f.dateTime(h.at)}>{f.relative(h.at, clock.now())}</Text>
          </div>
          {(h.disposition || h.agent) && (
            <Text size="sm">
              {h.disposition && <b>{dispositionName(pop.dispositions, h.disposition)}</b>}
              {h.agent && <Text span size="sm" c="dimmed"> {t('desk.contact.by', { name: h.agent })}</Text>}
            </Text>
          )}
          {h.note && <Text size="sm" className={css.note}>{h.note}</Text>}
        </li>
      ))}
    </ol>
  );
}

/** One field that the agent may change: a click, a word, Enter. */
function Editable({ name, value, attempt }: { name: string; value: string; attempt: string }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const [text, setText] = useState<string | null>(null);
  const save = async () => {
    if (text === null || busy) return;
    if (text.trim() === value) return setText(null);
    const ack = await run('set_fields', { attempt_id: attempt, fields: { [name]: text.trim() } });
    if (ack.ok) setText(null);
  };
  if (text === null) {
    return (
      <button type="button" className={deskCss.editable} onClick={() => setText(value)} aria-label={t('desk.contact.edit', { name })} data-testid={`edit-${name}`}>
        <span>{value || '–'}</span><IconPencil size={13} stroke={1.7} aria-hidden />
      </button>
    );
  }
  return (
    <TextInput size="xs" value={text} aria-label={name} autoFocus maxLength={1000} disabled={busy !== ''} onChange={(e) => setText(e.currentTarget.value)} onBlur={() => void save()}
      onKeyDown={(e) => {
        if (e.key === 'Enter') void save();
        if (e.key === 'Escape') setText(null);
      }} data-testid={`field-${name}`} />
  );
}

function Fields({ pop }: { pop: Pop }) {
  const all = pop.contact.fields ?? {};
  const open = new Set(pop.edit_fields ?? []);
  const names = [...Object.keys(all).filter((k) => all[k] !== '' || open.has(k)), ...[...open].filter((k) => !(k in all))];
  if (names.length === 0) return null;
  return (
    <dl className={css.fields} data-testid="contact-fields">
      {names.map((k) => <div key={k}><dt title={k}>{k}</dt><dd>{open.has(k) ? <Editable name={k} value={all[k] ?? ''} attempt={pop.attempt_id} /> : all[k]}</dd></div>)}
    </dl>
  );
}

export function ContactCard({ screen, pop }: { screen: Screen; pop: Pop }) {
  const { t } = useTranslation();
  const { contact } = pop;
  return (
    <section className={css.panel} aria-label={t('desk.contact.title')} data-testid="contact-card">
      <CallLine screen={screen} />
      {pop.handover && (
        <div className={deskCss.handover} data-testid="handover">
          <b>{t(pop.handover.warm ? 'desk.contact.handedWarm' : 'desk.contact.handed', { name: pop.handover.from })}</b>
          {pop.handover.note && <div>{pop.handover.note}</div>}
        </div>
      )}
      <h2 className={css.name} data-testid="contact-name">{contact.name || t('desk.contact.noName')}</h2>
      <div className={css.phoneLine}>
        <span className="num" data-testid="contact-phone">{phoneText(contact.phone)}</span>
        <CopyButton value={contact.phone}>
          {({ copied, copy }) => (
            <Tooltip label={t(copied ? 'desk.contact.copied' : 'desk.contact.copy')}>
              <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={t('desk.contact.copy')}>
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </div>
      <LocalTime zone={contact.zone} sent={contact.local_time} />
      {pop.crm_url && (
        <Anchor href={pop.crm_url} target="_blank" rel="noopener noreferrer" size="sm" className={deskCss.crm} data-testid="crm">
          <IconExternalLink size={15} stroke={1.7} aria-hidden /> {t('desk.contact.crm')}
        </Anchor>
      )}
      <Fields pop={pop} />
      <DeskSales pop={pop} />
      <div className={css.callerID}>{t('desk.contact.callerID')}: <span className="num">{phoneText(pop.caller_id)}</span></div>
      <h3 className={css.small}>{t('desk.contact.history')}</h3>
      <History items={pop.history ?? []} pop={pop} />
      <Knowledge pop={pop} />
    </section>
  );
}
