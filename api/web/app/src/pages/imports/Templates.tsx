import { Button, Menu, TextInput } from '@mantine/core';
import { IconTemplate, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toastOK, toastProblem } from '../../ui/toast';
import { ChangeProblem, FormDialog } from '../lists/parts';
import { useRemoveTemplate, useSaveTemplate, useTemplates, type Template } from './api';
import { fits, templateOf, type Plan } from './plan';

function SaveDialog({ plan, templates, onClose }: { plan: Plan; templates: Template[]; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const save = useSaveTemplate();
  const old = templates.find((x) => x.name === name.trim());
  const submit = () => save.mutate({ name: name.trim(), plan: templateOf(plan) }, {
    onSuccess: () => {
      toastOK(t('imports.templateSaved', { name: name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog title={t('imports.saveTemplate')} hint={t('imports.templateHint')} action={t(old ? 'imports.replace' : 'segments.save')} busy={save.isPending} disabled={!name.trim()} testid="template-dialog" onClose={onClose} onSubmit={submit}>
      <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="template-name" />
      <ChangeProblem error={save.error} />
    </FormDialog>
  );
}

interface Props {
  plan: Plan;
  headers: string[];
  onUse: (t: Template) => void;
}

/** Templates that fit the file come first; the others are named, but cannot be used. */
export function Templates({ plan, headers, onUse }: Props) {
  const { t } = useTranslation();
  const templates = useTemplates().data ?? [];
  const remove = useRemoveTemplate();
  const [saving, setSaving] = useState(false);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="compact-sm" variant="default" leftSection={<IconTemplate size={14} />} data-testid="templates">{t('imports.templates')}</Button>
        </Menu.Target>
        <Menu.Dropdown maw={360}>
          {templates.length > 0 && <Menu.Label>{t('imports.useTemplate')}</Menu.Label>}
          {templates.map((x) => (
            <Menu.Item key={x.id} disabled={!fits(x.plan, headers)} onClick={() => onUse(x)} data-testid="template"
              title={fits(x.plan, headers) ? undefined : t('imports.fitsNot')}><span style={{ overflowWrap: 'anywhere' }}>{x.name}</span></Menu.Item>
          ))}
          {templates.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={() => setSaving(true)} data-testid="save-template">{t('imports.saveTemplate')}…</Menu.Item>
          {templates.length > 0 && (
            <Menu.Sub>
              <Menu.Sub.Target><Menu.Sub.Item leftSection={<IconTrash size={14} />}>{t('act.remove')}</Menu.Sub.Item></Menu.Sub.Target>
              <Menu.Sub.Dropdown>
                {templates.map((x) => <Menu.Item key={x.id} onClick={() => remove.mutate(x.id, { onError: toastProblem })}>{x.name}</Menu.Item>)}
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          )}
        </Menu.Dropdown>
      </Menu>
      {saving && <SaveDialog plan={plan} templates={templates} onClose={() => setSaving(false)} />}
    </>
  );
}
