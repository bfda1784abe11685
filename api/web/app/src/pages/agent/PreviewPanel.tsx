import { Button, Kbd, Menu, TextInput } from '@mantine/core';
import { IconChevronDown, IconPhoneCall, IconPlayerSkipForward } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pop, Preview, Screen } from '../../api/desk';
import { useConnection } from '../../stream/context';
import { ContactCard } from './ContactCard';
import { useCommand } from './command';
import css from './desk.module.css';
import { keyText, useActions, useKeymap } from './keymap';

function Skip({ preview, busy, skip }: { preview: Preview; busy: boolean; skip: (reason: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const map = useKeymap();
  const reasons = preview.reasons ?? [];
  useActions({ skip: () => setOpen(true) });
  return (
    <Menu opened={open} onChange={setOpen} position="bottom-start" withinPortal trapFocus>
      <Menu.Target>
        <Button ref={button} variant="default" leftSection={<IconPlayerSkipForward size={17} />} loading={busy} rightSection={<IconChevronDown size={15} />}
          title={keyText(map.skip)} data-testid="preview-skip">{t('desk.preview.skip')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('desk.preview.why')}</Menu.Label>
        {reasons.map((r) => <Menu.Item key={r} onClick={() => skip(r)} data-testid={`skip-${r}`}>{r}</Menu.Item>)}
        {reasons.length === 0 && (
          <form style={{ padding: 8, display: 'flex', gap: 6 }} onSubmit={(e) => {
            e.preventDefault();
            if (text.trim()) skip(text.trim());
          }}>
            <TextInput size="xs" aria-label={t('desk.preview.why')} maxLength={100} value={text} data-autofocus onChange={(e) => setText(e.currentTarget.value)} data-testid="skip-reason" />
            <Button size="xs" type="submit" disabled={!text.trim()}>{t('desk.preview.skip')}</Button>
          </form>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A contact to look at before he is dialled. */
export function PreviewPanel({ screen, preview }: { screen: Screen; preview: Preview }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const map = useKeymap();
  const online = useConnection() === 'open';
  const accept = () => void run('preview_accept', { offer_id: preview.offer_id });
  useActions({ accept: online && !busy ? accept : undefined });
  const pop: Pop = screen.pop ?? {
    attempt_id: preview.offer_id, campaign: { id: screen.session?.campaign_id ?? '', name: screen.session?.campaign_name ?? '' }, contact: preview.contact,
    history: null, script: null, answers: null, dispositions: null, caller_id: '',
  };
  return (
    <div className={css.preview} data-testid="preview" data-offer={preview.offer_id}>
      {preview.forced && <div className={css.forced}>{t('desk.preview.forced')}</div>}
      <div className={css.previewActions}>
        <Button leftSection={<IconPhoneCall size={17} />} disabled={!online} loading={busy === 'preview_accept'} onClick={accept} data-testid="preview-accept"
          rightSection={<Kbd size="xs">{keyText(map.accept)}</Kbd>}>{t('desk.preview.call')}</Button>
        {preview.may_skip && online && <Skip preview={preview} busy={busy === 'preview_skip'} skip={(reason) => void run('preview_skip', { offer_id: preview.offer_id, reason })} />}
      </div>
      <ContactCard screen={screen} pop={pop} />
    </div>
  );
}
