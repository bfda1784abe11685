import { ActionIcon, Alert, Button, Checkbox, CopyButton, Group, Menu, Modal, SegmentedControl, Stack, Switch, Table, Text, TextInput } from '@mantine/core';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { TOPICS, useDeleteWebhook, useRenewSecret, useRetryPosts, useSaveWebhook, useTestWebhook, useWebhookPosts, useWebhooks, type Webhook } from '../../api/room';
import { useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';

function Form({ hook, onDone }: { hook: Webhook | null; onDone: (made: Webhook) => void }) {
  const { t } = useTranslation();
  const save = useSaveWebhook();
  const [name, setName] = useState(hook?.name ?? '');
  const [url, setURL] = useState(hook?.url ?? 'https://');
  const [topics, setTopics] = useState<string[]>(hook?.topics ?? ['alert.raised', 'alert.cleared']);
  const [enabled, setEnabled] = useState(hook?.enabled ?? true);
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.fields.find((f) => f.path === field)?.message : undefined);
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      save.mutate({ id: hook?.id, revision: hook?.revision, name, url, topics, enabled }, { onSuccess: onDone, onError: (x) => !(x instanceof ApiError && x.fields.length) && toastProblem(x) });
    }}>
      <Stack gap="sm">
        <TextInput label={t('room.hooks.name')} value={name} maxLength={60} required data-autofocus onChange={(e) => setName(e.currentTarget.value)} error={wrong('name')} data-testid="hook-name" />
        <TextInput label={t('room.hooks.url')} description={t('room.hooks.urlHint')} value={url} maxLength={2000} required onChange={(e) => setURL(e.currentTarget.value)} error={wrong('url')} data-testid="hook-url" />
        <Checkbox.Group label={t('room.hooks.topics')} value={topics} onChange={setTopics}>
          <Group gap="sm" mt={4}>{TOPICS.map((x) => <Checkbox key={x} size="xs" value={x} label={<code>{x}</code>} />)}</Group>
        </Checkbox.Group>
        <Switch label={t('room.hooks.enabled')} checked={enabled} onChange={(e) => setEnabled(e.currentTarget.checked)} />
        <Group justify="flex-end"><Button type="submit" loading={save.isPending} data-testid="hook-save">{t('room.hooks.save')}</Button></Group>
      </Stack>
    </form>
  );
}

/** A secret, this once. */
function Secret({ text, onClose }: { text: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Alert color="yellow">{t('room.hooks.secretHint')}</Alert>
      <TextInput readOnly value={text} aria-label={t('room.hooks.secret')} onFocus={(e) => e.currentTarget.select()} styles={{ input: { fontFamily: 'monospace' } }} data-testid="hook-secret" />
      <Group justify="flex-end">
        <CopyButton value={text}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? t('room.hooks.copied') : t('room.hooks.copy')}</Button>}</CopyButton>
        <Button onClick={onClose}>{t('room.hooks.close')}</Button>
      </Group>
    </Stack>
  );
}

function Posts({ hook }: { hook: Webhook }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [dead, setDead] = useState(hook.dead > 0);
  const posts = useWebhookPosts(hook.id, dead);
  const retry = useRetryPosts();
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl size="xs" value={dead ? 'dead' : 'waiting'} onChange={(v) => setDead(v === 'dead')} data={[{ value: 'waiting', label: `${t('room.hooks.waiting')} ${f.number(hook.waiting)}` }, { value: 'dead', label: `${t('room.hooks.dead')} ${f.number(hook.dead)}` }]} />
        {dead && hook.dead > 0 && <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate({ id: hook.id, post: 0 }, { onError: toastProblem })}>{t('room.hooks.retryAll')}</Button>}
      </Group>
      <Load query={posts} empty={(d) => d.length === 0} whenEmpty={<Text size="sm" c="dimmed">{t('room.hooks.noPosts')}</Text>}>
        {(rows) => (
          <Scroll label={t('room.hooks.posts', { name: hook.name })}>
            <Table verticalSpacing={4}>
              <Table.Thead><Table.Tr><Table.Th>{t('room.hooks.at')}</Table.Th><Table.Th>{t('room.hooks.topics')}</Table.Th><Table.Th ta="right">{t('room.hooks.tries')}</Table.Th><Table.Th>{t('room.hooks.error')}</Table.Th><Table.Th /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((p) => (
                  <Table.Tr key={p.id} data-testid="hook-post">
                    <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(p.at)}</Table.Td><Table.Td><code>{p.topic}</code></Table.Td><Table.Td ta="right" className="num">{p.tries}</Table.Td>
                    <Table.Td maw={240}><div className="truncate" title={p.error}>{p.error}</div></Table.Td>
                    <Table.Td>{dead && <Button size="compact-xs" variant="subtle" onClick={() => retry.mutate({ id: hook.id, post: p.id }, { onError: toastProblem })}>{t('room.hooks.retry')}</Button>}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
    </Stack>
  );
}

type Open = { what: 'form' | 'posts' | 'remove' | 'renew'; hook: Webhook | null } | { what: 'secret'; text: string } | null;

function State({ w }: { w: Webhook }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (!w.enabled) return <StatePill state="plain">{t('room.hooks.off')}</StatePill>;
  if (w.failing) return <span title={w.last_error}><StatePill state="bad">{t('room.hooks.failing', { time: f.dateTime(w.failing) })}</StatePill></span>;
  return <StatePill state={w.last_ok ? 'good' : 'plain'}>{w.last_ok ? t('room.hooks.well') : t('room.hooks.idle')}</StatePill>;
}

export default function WebhooksPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const hooks = useWebhooks();
  const [open, setOpen] = useState<Open>(null);
  const remove = useDeleteWebhook();
  const renew = useRenewSecret();
  const test = useTestWebhook();
  const close = () => setOpen(null);
  const may = useUser().role === 'admin'; // others look only
  const of = open && 'hook' in open ? (hooks.data?.find((w) => w.id === open.hook?.id) ?? open.hook) : null;
  const add = <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: 'form', hook: null })} data-testid="hook-add">{t('room.hooks.add')}</Button>;
  return (
    <Page title={t('room.hooks.title')} actions={may ? add : <Text size="sm" c="dimmed">{t('room.hooks.lookOnly')}</Text>}>
      <Panel>
        <Load query={hooks} empty={(d) => d.length === 0} whenEmpty={<Empty title={t('room.hooks.none')} hint={t('room.hooks.noneHint')} />}>
          {(all) => (
            <Scroll label={t('room.hooks.title')}>
              <Table verticalSpacing={6}>
                <Table.Thead><Table.Tr>
                  <Table.Th>{t('room.hooks.name')}</Table.Th><Table.Th>{t('room.hooks.url')}</Table.Th><Table.Th>{t('ui.status')}</Table.Th>
                  <Table.Th ta="right">{t('room.hooks.delivered')}</Table.Th><Table.Th ta="right">{t('room.hooks.waiting')}</Table.Th><Table.Th ta="right">{t('room.hooks.dead')}</Table.Th><Table.Th />
                </Table.Tr></Table.Thead>
                <Table.Tbody>
                  {all.map((w) => (
                    <Table.Tr key={w.id} data-testid="hook-row">
                      <Table.Td maw={180}><div className="truncate" title={w.name}>{w.name}</div></Table.Td>
                      <Table.Td maw={320}><div className="truncate" title={`${w.url}\n${w.topics.join(', ')}`}>{w.url}</div></Table.Td>
                      <Table.Td><State w={w} /></Table.Td>
                      <Table.Td ta="right" className="num">{f.number(w.delivered)}</Table.Td><Table.Td ta="right" className="num">{f.number(w.waiting)}</Table.Td><Table.Td ta="right" className="num">{f.number(w.dead)}</Table.Td>
                      <Table.Td ta="right">
                        {may && <Menu position="bottom-end" withinPortal>
                          <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={`${t('board.actions')}: ${w.name}`} data-testid="hook-menu"><IconDots size={17} /></ActionIcon></Menu.Target>
                          <Menu.Dropdown>
                            <Menu.Item onClick={() => setOpen({ what: 'form', hook: w })}>{t('room.hooks.edit')}</Menu.Item>
                            <Menu.Item onClick={() => setOpen({ what: 'posts', hook: w })}>{t('room.hooks.show')}</Menu.Item>
                            <Menu.Item disabled={!w.enabled} onClick={() => test.mutate(w.id, { onSuccess: () => toastOK(t('room.hooks.tested')), onError: toastProblem })} data-testid="hook-test">{t('room.hooks.test')}</Menu.Item>
                            <Menu.Item onClick={() => setOpen({ what: 'renew', hook: w })}>{t('room.hooks.renew')}</Menu.Item>
                            <Menu.Item color="red" onClick={() => setOpen({ what: 'remove', hook: w })}>{t('room.hooks.remove')}</Menu.Item>
                          </Menu.Dropdown>
                        </Menu>}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      <Modal opened={open?.what === 'form'} onClose={close} title={of ? of.name : t('room.hooks.add')} size="lg">
        {open?.what === 'form' && <Form hook={of} onDone={(w) => setOpen(w.secret ? { what: 'secret', text: w.secret } : null)} />}
      </Modal>
      <Modal opened={open?.what === 'secret'} onClose={close} closeOnClickOutside={false} title={t('room.hooks.secret')} size="lg">{open?.what === 'secret' && <Secret text={open.text} onClose={close} />}</Modal>
      <Modal opened={open?.what === 'posts'} onClose={close} title={t('room.hooks.posts', { name: of?.name ?? '' })} size="xl">{open?.what === 'posts' && of && <Posts hook={of} />}</Modal>
      <Confirm opened={open?.what === 'remove'} danger title={t('room.hooks.removeAsk', { name: of?.name ?? '' })} hint={t('room.hooks.removeHint')} action={t('room.hooks.remove')} busy={remove.isPending} onClose={close}
        onConfirm={() => of && remove.mutate(of.id, { onSuccess: close, onError: toastProblem })} />
      <Confirm opened={open?.what === 'renew'} title={t('room.hooks.renewAsk', { name: of?.name ?? '' })} hint={t('room.hooks.renewHint')} action={t('room.hooks.renew')} busy={renew.isPending} onClose={close}
        onConfirm={() => of && renew.mutate(of.id, { onSuccess: (s) => setOpen({ what: 'secret', text: s.secret }), onError: toastProblem })} />
    </Page>
  );
}
