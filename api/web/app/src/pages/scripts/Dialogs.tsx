import { Alert, Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaigns } from '../../api/queries';
import { ApiError } from '../../api/http';
import { problemText } from '../../i18n/problem';
import { toastOK } from '../../ui/toast';
import { FormDialog } from '../lists/parts';
import { usePublish, useRollback, type Named } from './api';
import css from './scripts.module.css';

function Campaigns({ using, picked, onPick }: { using: Named[]; picked: string[]; onPick: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const all = useCampaigns().data ?? [];
  const users = new Set(using.map((c) => c.id));
  const rows = [...using, ...all.filter((c) => !users.has(c.id) && c.status !== 'stopped').map(({ id, name }) => ({ id, name }))];
  return (
    <Checkbox.Group label={t('scripts.whichCampaigns')} description={t('scripts.whichCampaignsHint')} value={picked} onChange={onPick}>
      <div className={css.checks}>
        {rows.map((c) => <Checkbox key={c.id} size="sm" value={c.id} label={users.has(c.id) ? t('scripts.usesIt', { name: c.name }) : c.name} data-testid="use-in" />)}
        {rows.length === 0 && <span className={css.soft}>{t('scripts.noCampaigns')}</span>}
      </div>
    </Checkbox.Group>
  );
}

function Refused({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert color="red" p="xs" role="alert">
      {problemText(error)}
      {error instanceof ApiError && error.fields.length > 0 && <ul className={css.refused}>{error.fields.slice(0, 10).map((f, i) => <li key={i}>{f.message}</li>)}</ul>}
    </Alert>
  );
}

interface PublishProps { id: string; revision: number; using: Named[]; onClose: () => void; onDone: () => void }

export function PublishDialog({ id, revision, using, onClose, onDone }: PublishProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const [picked, setPicked] = useState(using.map((c) => c.id));
  const publish = usePublish(id);
  const submit = () => publish.mutate({ revision, note: note.trim(), campaign_ids: picked }, {
    onSuccess: (p) => {
      toastOK(t('scripts.published', { version: p.version }));
      onDone();
    },
  });
  return (
    <FormDialog title={t('scripts.publishTitle')} hint={t('scripts.publishHint')} action={t('scripts.publish')} busy={publish.isPending} testid="publish-dialog" onClose={onClose} onSubmit={submit}>
      <Textarea label={t('scripts.note')} description={t('scripts.noteHint')} maxLength={500} autosize minRows={2} maxRows={5} value={note} onChange={(e) => setNote(e.currentTarget.value)} data-autofocus data-testid="publish-note" />
      <Campaigns using={using} picked={picked} onPick={setPicked} />
      <Refused error={publish.error} />
    </FormDialog>
  );
}

interface RollbackProps { id: string; version: number; using: Named[]; onClose: () => void }

export function RollbackDialog({ id, version, using, onClose }: RollbackProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const [picked, setPicked] = useState(using.map((c) => c.id));
  const rollback = useRollback(id);
  const submit = () => rollback.mutate({ version, note: note.trim(), campaign_ids: picked }, {
    onSuccess: () => {
      toastOK(t('scripts.rolledBack', { version }));
      onClose();
    },
  });
  return (
    <FormDialog title={t('scripts.rollbackTitle', { version })} hint={t('scripts.rollbackHint')} action={t('scripts.rollback')} busy={rollback.isPending} disabled={picked.length === 0} testid="rollback-dialog" onClose={onClose} onSubmit={submit}>
      <Textarea label={t('scripts.note')} maxLength={500} autosize minRows={2} maxRows={5} value={note} onChange={(e) => setNote(e.currentTarget.value)} data-autofocus />
      <Campaigns using={using} picked={picked} onPick={setPicked} />
      <Refused error={rollback.error} />
    </FormDialog>
  );
}
