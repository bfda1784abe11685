import { ActionIcon, CopyButton, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconClock, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { HistoryItem, Pop, Screen } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { useMinute } from '../../lib/minute';
import { OutcomePill, StatePill } from '../../ui/ui';
import css from './agent.module.css';
import { dispositionName } from './names';

function CallLine({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const call = screen.call;
  if (!call) return null;
  // While they talk the state bar says it, larger.
  const state = call.status === 'reserved' ? 'Reserved' : 'Offline';
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

export function ContactCard({ screen, pop }: { screen: Screen; pop: Pop }) {
  const { t } = useTranslation();
  const { contact } = pop;
  const fields = Object.entries(contact.fields ?? {}).filter(([, v]) => v !== '');
  return (
    <section className={css.panel} aria-label={t('desk.contact.title')} data-testid="contact-card">
      <CallLine screen={screen} />
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
      {fields.length > 0 && (
        <dl className={css.fields} data-testid="contact-fields">
          {fields.map(([k, v]) => <div key={k}><dt title={k}>{k}</dt><dd>{v}</dd></div>)}
        </dl>
      )}
      <div className={css.callerID}>{t('desk.contact.callerID')}: <span className="num">{phoneText(pop.caller_id)}</span></div>
      <h3 className={css.small}>{t('desk.contact.history')}</h3>
      <History items={pop.history ?? []} pop={pop} />
    </section>
  );
}
