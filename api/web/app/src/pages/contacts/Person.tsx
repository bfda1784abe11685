import { Alert, Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchFile } from '../../api/http';
import type { Erased } from '../../api/law';
import { useErase } from '../../api/lawQueries';
import type { Contact } from '../../api/types';
import { problemText } from '../../i18n/problem';
import { phoneText, useFormats } from '../../lib/format';
import { saveFile } from '../../lib/save';
import { toastOK } from '../../ui/toast';
import css from './contact.module.css';

/** Fetches everything that is known of a person as one file, and says how much of it is there. */
export function PersonFile({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [bytes, setBytes] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    setBytes(0);
    fetchFile('/people/files', { contact_id: contact.id }, setBytes, stop.signal).then(
      ({ name, content }) => {
        if (stop.signal.aborted) return;
        saveFile(name, content, 'application/zip');
        toastOK(t('person.done'));
        onClose();
      },
      (problem: unknown) => {
        if (!stop.signal.aborted) setError(problem);
      },
    );
    return () => stop.abort();
  }, [contact.id, round]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <Modal opened onClose={onClose} title={t('person.file')} size="sm">
      <Stack gap="sm" data-testid="person-file">
        {error === null
          ? <Text size="sm" role="status" mih={44}>{t('person.making', { size: f.bytes(bytes) })}</Text>
          : <Alert color="red" p="xs" role="alert" mih={44}>{problemText(error)}</Alert>}
        <Group justify="flex-end">
          {error !== null && <Button onClick={() => setRound((n) => n + 1)}>{t('act.retry')}</Button>}
          <Button variant="default" onClick={onClose}>{t(error === null ? 'person.stop' : 'act.close')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Stays({ keepCalls, keepRecordings }: { keepCalls: boolean; keepRecordings: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={css.stays} data-testid="erase-stays">
      <b>{t('person.keeps')}</b>
      <ul>
        <li>{t('person.staysHash')}</li>
        <li>{t(keepCalls ? 'person.staysCallsNumbers' : 'person.staysCalls')}</li>
        {keepRecordings && <li>{t('person.staysRecordings')}</li>}
        <li>{t('person.staysConsents')}</li>
        <li>{t('person.staysAudit')}</li>
        <li>{t('person.staysRejects')}</li>
      </ul>
    </div>
  );
}

function Done({ done, keepCalls, onClose }: { done: Erased; keepCalls: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const counts = [
    [done.contacts, t('person.contacts')], [done.numbers, t('person.numbers')], [done.attempts, t('person.attempts')], [done.notes, t('person.notes')], [done.answers, t('person.answers')],
    [done.consents, t('person.consents')], [done.dnc, t('person.dnc')], [done.overrides, t('person.overrides')], [done.recordings_deleted, t('person.recordings')],
  ] as const;
  return (
    <Stack gap="sm" data-testid="erased" data-contacts={done.contacts} data-numbers={done.numbers}>
      <div className={css.stays}>
        <b>{t('person.erasedCounts')}</b>
        <ul>{counts.filter(([n], i) => n > 0 || i < 2).map(([n, text]) => <li key={text}>{text} <b className="num">{f.number(n)}</b></li>)}</ul>
      </div>
      <Stays keepCalls={keepCalls} keepRecordings={done.recordings.length > 0} />
      {done.recordings.length > 0 && <Text size="sm">{t('person.kept', { n: f.number(done.recordings.length) })}</Text>}
      <Group justify="flex-end"><Button onClick={onClose} data-autofocus data-testid="erased-close">{t('act.close')}</Button></Group>
    </Stack>
  );
}

interface EraseProps {
  contact: Contact;
  onClose: () => void;
  onDone: () => void;
}

/** Forgets a person: says before what goes and what stays, and after it how much that was. */
export function Erase({ contact, onClose, onDone }: EraseProps) {
  const { t } = useTranslation();
  const erase = useErase();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [calls, setCalls] = useState(false);
  const [recordings, setRecordings] = useState(false);
  const digits = (s: string) => s.replace(/\D/g, '');
  const sure = digits(typed) === digits(contact.phone) && reason.trim() !== '';
  const [name] = useState(contact.name || phoneText(contact.phone)); // the contact behind it is empty when it is done
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (sure) erase.mutate({ contact_id: contact.id, reason: reason.trim(), keep_calls: calls, keep_recordings: recordings });
  };
  const close = erase.data ? onDone : onClose;
  return (
    <Modal opened onClose={close} title={erase.data ? t('person.erased') : t('journey.eraseAsk', { name })}>
      {erase.data ? <Done done={erase.data} keepCalls={calls} onClose={close} /> : (
        <form onSubmit={submit} noValidate>
          <Stack gap="sm">
            <div className={css.stays}><b>{t('person.deletes')}</b><p>{t('person.deletesList')}</p></div>
            <Stays keepCalls={calls} keepRecordings={recordings} />
            <Switch label={t('journey.keepCalls')} checked={calls} onChange={(e) => setCalls(e.currentTarget.checked)} data-testid="erase-keep-calls" />
            <Switch label={t('person.keepRecordings')} checked={recordings} onChange={(e) => setRecordings(e.currentTarget.checked)} data-testid="erase-keep-recordings" />
            <TextInput label={t('journey.eraseReason')} maxLength={200} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus data-testid="erase-reason" />
            <TextInput label={t('journey.eraseConfirm')} placeholder={contact.phone} inputMode="tel" value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-testid="erase-number" />
            {erase.isError && <Alert color="red" p="xs" role="alert">{problemText(erase.error)} {t('person.again')}</Alert>}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{t('act.cancel')}</Button>
              <Button type="submit" color="red" disabled={!sure} loading={erase.isPending} data-testid="erase-confirm">{t('journey.erase')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
