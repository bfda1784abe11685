import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCancelCallback, useLawful, useMoveCallback, type AgreedCallback } from '../../api/callbacks';
import { ApiError } from '../../api/http';
import { fieldText, problemText } from '../../i18n/problem';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { fromWall, knownZone, toWall } from '../../lib/zone';
import { toastOK } from '../../ui/toast';
import { StatePill } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import { LawfulNote } from './LawfulNote';

const ANYONE = 'anyone';

function reasonOf(e: unknown): string {
  const first = e instanceof ApiError ? e.fields[0] : undefined;
  return first ? fieldText(first.message) : problemText(e);
}

function Cancel({ callback, onDone, onBack }: { callback: AgreedCallback; onDone: () => void; onBack: () => void }) {
  const { t } = useTranslation();
  const cancel = useCancelCallback();
  const [reason, setReason] = useState('');
  const submit = () => cancel.mutate({ id: callback.id, reason: reason.trim() }, {
    onSuccess: () => {
      toastOK(t('agenda.cancelled'));
      onDone();
    },
  });
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (reason.trim()) submit(); }}>
      <Stack gap="sm">
        <Text size="sm">{t('agenda.cancelHint')}</Text>
        <TextInput label={t('agenda.reason')} withAsterisk maxLength={200} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus autoFocus data-testid="callback-reason" />
        {cancel.isError && <Text size="sm" c="red" role="alert">{reasonOf(cancel.error)}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack}>{t('agenda.keep')}</Button>
          <Button type="submit" color="red" disabled={!reason.trim()} loading={cancel.isPending} data-testid="callback-cancel-ok">{t('agenda.cancel')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Agent({ value, onChange }: { value: string; onChange: (v: string) => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const names = useUserNames(user.role !== 'agent');
  const agents = user.role === 'agent' ? [{ value: user.id, label: t('agenda.me') }]
    : (names.data ?? []).filter((u) => u.role === 'agent' && !u.disabled).map((u) => ({ value: u.id, label: u.name }));
  return (
    <Select label={t('agenda.agent')} allowDeselect={false} searchable={user.role !== 'agent'} value={value} onChange={(v) => onChange(v ?? ANYONE)}
      data={[{ value: ANYONE, label: t('agenda.anyone') }, ...agents]} data-testid="callback-agent" />
  );
}

/** One callback: when, for whom, and what was said; moved by a form, so that the keyboard does all. */
export function MoveDialog({ callback, own, onClose }: { callback: AgreedCallback; own: string; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const zone = knownZone(callback.zone) ? callback.zone : own;
  const [wall, setWall] = useState(() => toWall(Date.parse(callback.due_at), zone));
  const [agent, setAgent] = useState(callback.agent_id ?? ANYONE);
  const [note, setNote] = useState(callback.note);
  const [cancelling, setCancelling] = useState(false);
  const move = useMoveCallback();
  // The field knows minutes; a time that was not touched stays to the second.
  const same = wall === toWall(Date.parse(callback.due_at), zone);
  const at = same ? new Date(callback.due_at) : fromWall(wall, zone);
  const { law, asking } = useLawful({ callback_id: callback.id }, at, !same && !!at && at.getTime() > clock.now());
  const past = !same && !!at && at.getTime() <= clock.now();
  const blocked = callback.state !== 'open' || callback.calling;
  const me = useUser();
  const free = me.role === 'agent' && callback.agent_id === null;
  const submit = (to = agent) => {
    if (!at || past || law?.ok === false) return;
    move.mutate({ id: callback.id, due_at: at.toISOString(), agent_id: to === ANYONE ? null : to, note }, {
      onSuccess: () => {
        toastOK(t(free && to !== ANYONE ? 'agenda.taken' : 'agenda.moved'));
        onClose();
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title={callback.contact_name || phoneText(callback.phone)} data-testid="callback-dialog">
      {cancelling ? <Cancel callback={callback} onDone={onClose} onBack={() => setCancelling(false)} /> : (
        <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
          <Stack gap="sm">
            <Text size="sm" c="dimmed"><span className="num">{phoneText(callback.phone)}</span> · {callback.campaign_name}</Text>
            {callback.calling && <div><StatePill state="warn">{t('agenda.calling')}</StatePill></div>}
            {callback.next_at && <Text size="sm">{t('agenda.nextAt', { when: f.dateTime(callback.next_at) })}</Text>}
            <TextInput type="datetime-local" label={t('agenda.time')} description={t('agenda.calleeTime', { zone })} value={wall} min={toWall(clock.now(), zone)} disabled={blocked}
              error={past ? t('agenda.past') : undefined} onChange={(e) => setWall(e.currentTarget.value)} data-autofocus data-testid="callback-time" />
            {at && zone !== own && <Text size="xs" c="dimmed">{t('agenda.yourTime', { when: f.dateTime(at.getTime()) })}</Text>}
            <LawfulNote law={law} asking={asking} zone={zone} onUse={(next) => setWall(toWall(next.getTime(), zone))} />
            {free ? <Text size="sm">{t('agenda.takeHint')}</Text> : <Agent value={agent} onChange={setAgent} />}
            <Textarea label={t('agenda.note')} autosize minRows={2} maxRows={6} maxLength={4000} value={note} disabled={blocked} onChange={(e) => setNote(e.currentTarget.value)} data-testid="callback-note" />
            {move.isError && <Text size="sm" c="red" role="alert" data-testid="callback-problem">{reasonOf(move.error)}</Text>}
            <Group justify="space-between">
              {free ? <Button variant="default" disabled={blocked || !at || past || law?.ok === false} loading={move.isPending} onClick={() => submit(me.id)} data-testid="callback-take">{t('agenda.take')}</Button> : <Button variant="subtle" color="red" disabled={blocked} onClick={() => setCancelling(true)} data-testid="callback-cancel">{t('agenda.cancel')}</Button>}
              <Button type="submit" disabled={blocked || !at || past || law?.ok === false} loading={move.isPending} data-testid="callback-save">{t('agenda.save')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
