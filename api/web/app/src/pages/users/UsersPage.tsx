import { Button, Group, Modal, PasswordInput, Select, Stack, Table, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCreateUser, useUsers } from '../../api/queries';
import type { NewUser, Role, User } from '../../api/types';
import { codeName, languages } from '../../i18n';
import { applyProblem } from '../../lib/form';
import { toastOK } from '../../ui/toast';
import { AdminTabs } from './AdminTabs';
import { ChangePhone, hasPhonePage, PhoneFields } from './PhoneFields';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';

const ROLES: Role[] = ['agent', 'supervisor', 'list_manager', 'admin'];

function CreateUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateUser();
  const form = useForm<NewUser>({
    initialValues: { login: '', name: '', password: '', role: 'agent', phone_kind: 'sip', endpoint: '', language: 'en' },
    validate: {
      login: (v) => (/^[a-z0-9._-]{2,40}$/.test(v) ? null : t('users.loginHint')),
      name: (v) => (v.trim() ? null : t('code.invalid.required')),
      password: (v) => (v.length >= 8 ? null : t('users.passwordHint')),
    },
  });
  const submit = form.onSubmit(async (values) => {
    try {
      const inPage = hasPhonePage(values.role) && values.phone_kind === 'webrtc';
      const user = await create.mutateAsync({ ...values, phone_kind: inPage ? 'webrtc' : 'sip', endpoint: inPage ? '' : values.endpoint });
      toastOK(t('users.created', { name: user.name }));
      form.reset();
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('users.create')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label={t('users.login')} description={t('users.loginHint')} autoComplete="off" data-autofocus {...form.getInputProps('login')} data-testid="user-login" />
          <TextInput label={t('ui.name')} autoComplete="off" maxLength={80} {...form.getInputProps('name')} data-testid="user-name" />
          <PasswordInput label={t('users.password')} description={t('users.passwordHint')} autoComplete="new-password" {...form.getInputProps('password')} data-testid="user-password" />
          <Group grow align="flex-start">
            <Select label={t('users.role')} allowDeselect={false} data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))} {...form.getInputProps('role')} data-testid="user-role" />
            <Select label={t('users.language')} allowDeselect={false} data={languages} {...form.getInputProps('language')} />
          </Group>
          <PhoneFields inPage={hasPhonePage(form.values.role)} kind={form.getInputProps('phone_kind')} webrtc={form.values.phone_kind === 'webrtc'} endpoint={form.getInputProps('endpoint')} />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" loading={create.isPending} data-testid="user-save">{t('act.create')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export default function UsersPage() {
  const { t } = useTranslation();
  const users = useUsers();
  const [creating, setCreating] = useState(false);
  const [phoneOf, setPhoneOf] = useState<User | null>(null);
  const [q, setQ] = useState('');
  const needle = q.trim().toLowerCase();
  return (
    <Page title={t('users.title')} actions={
      <>
        <TextInput w={200} placeholder={t('users.search')} aria-label={t('users.search')} leftSection={<IconSearch size={15} />} value={q} onChange={(e) => setQ(e.currentTarget.value)} />
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)} data-testid="create-user">{t('users.create')}</Button>
      </>
    }>
      <AdminTabs at="users" />
      <Panel>
        <Load query={users} empty={(u) => u.length === 0} whenEmpty={<Empty title={t('users.empty')} />}>
          {(all) => (
            <Scroll>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('users.login')}</Table.Th><Table.Th>{t('users.role')}</Table.Th>
                    <Table.Th>{t('users.endpoint')}</Table.Th><Table.Th>{t('users.language')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.filter((u) => !needle || `${u.name} ${u.login}`.toLowerCase().includes(needle)).map((u) => (
                    <Table.Tr key={u.id} data-testid="user-row" data-login={u.login}>
                      <Table.Td>{u.name} {u.disabled && <StatePill state="bad">{t('users.disabled')}</StatePill>}</Table.Td>
                      <Table.Td>{u.login}</Table.Td>
                      <Table.Td>{t(`role.${u.role}`)}</Table.Td>
                      <Table.Td>
                        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setPhoneOf(u)} data-testid="user-phone" data-kind={u.phone_kind}
                          aria-label={t('users.changePhone', { name: u.name })}>
                          {u.phone_kind === 'webrtc' ? codeName('phoneKind', 'webrtc') : u.endpoint || '–'}
                        </Button>
                        {u.role === 'agent' && u.phone_code && <span className="soft" title={t('watch.codeHint')} data-testid="user-code">{t('watch.code', { code: u.phone_code })}</span>}
                      </Table.Td>
                      <Table.Td>{languages.find((l) => l.value === u.language)?.label}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      <CreateUser opened={creating} onClose={() => setCreating(false)} />
      {phoneOf && <ChangePhone user={phoneOf} onClose={() => setPhoneOf(null)} />}
    </Page>
  );
}
