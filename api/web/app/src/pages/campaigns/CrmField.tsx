import { Button, Group, Menu, Text, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import css from './campaigns.module.css';
import { crmPreview, errorAt } from './deskform';
import { setter } from './deskSetter';
import type { Form } from './parts';

const HOLES = ['id', 'phone', 'name', 'attempt'] as const;

/** The address of a contact's page in another system, with what it looks like when an agent opens it. */
export function CrmField({ form, names }: { form: Form; names: string[] }) {
  const { t } = useTranslation();
  const set = setter(form);
  const input = useRef<HTMLInputElement>(null);
  const url = form.values.settings.crm_url ?? '';
  const preview = url ? crmPreview(url) : null;
  const insert = (hole: string) => {
    const el = input.current;
    const [from, to] = [el?.selectionStart ?? url.length, el?.selectionEnd ?? url.length];
    set('crm_url', (url.slice(0, from) + hole + url.slice(to)).slice(0, 500));
    requestAnimationFrame(() => {
      el?.focus();
      el?.setSelectionRange(from + hole.length, from + hole.length);
    });
  };
  return (
    <div>
      <TextInput ref={input} label={t('deskform.crm')} description={t('deskform.crmHint')} placeholder="https://crm.example.com/contacts?phone={phone}" maxLength={500} spellCheck={false} value={url}
        onChange={(e) => set('crm_url', e.currentTarget.value)} error={errorAt(form.errors, 'settings.crm_url') as ReactNode} data-testid="desk-crm_url" />
      <Group gap={6} mt={6} role="group" aria-label={t('deskform.holes')}>
        {HOLES.map((h) => <Button key={h} size="compact-xs" variant="default" onClick={() => insert(`{${h}}`)} data-testid={`hole-${h}`}>{`{${h}}`}</Button>)}
        {names.length > 0 && (
          <Menu position="bottom-start" withinPortal>
            <Menu.Target><Button size="compact-xs" variant="default" rightSection={<IconChevronDown size={12} />}>{t('deskform.fieldHole')}</Button></Menu.Target>
            <Menu.Dropdown mah={260} style={{ overflowY: 'auto' }}>{names.slice(0, 100).map((n) => <Menu.Item key={n} onClick={() => insert(`{fields.${n}}`)}>{n}</Menu.Item>)}</Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {preview && <Text size="xs" c="dimmed" mt={6} className={css.address} data-testid="crm-preview">{t('deskform.crmPreview')} <code>{preview}</code></Text>}
    </div>
  );
}
