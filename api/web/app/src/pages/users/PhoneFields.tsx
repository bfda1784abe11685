import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm, type GetInputPropsReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useChangePhone } from '../../api/queries';
import type { PhoneKind, Role, User } from '../../api/types';
import { codeName } from '../../i18n';
import { applyProblem } from '../../lib/form';
import { toastOK } from '../../ui/toast';

const KINDS: PhoneKind[] = ['sip', 'webrtc'];

interface FieldsProps {
  inPage: boolean; // whether the role has pages with a phone
  webrtc: boolean;
  kind: GetInputPropsReturnType;
  endpoint: GetInputPropsReturnType;
}

/** Agents talk in their pages, supervisors listen and step in. */
export const hasPhonePage = (role: Role): boolean => role !== 'list_manager';

/** Which phone an account has: in the page, or a SIP phone of a name. */
export function PhoneFields({ inPage, webrtc, kind, endpoint }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {inPage && (
        <Select label={t('users.phoneKind')} description={t('users.phoneKindHint')} allowDeselect={false}
          data={KINDS.map((value) => ({ value, label: codeName('phoneKind', value) }))} {...kind} data-testid="user-phone-kind" />
      )}
      {!(inPage && webrtc) && (
        <TextInput label={t('users.endpoint')} description={t('users.endpointHint')} autoComplete="off" {...endpoint} data-testid="user-endpoint" />
      )}
    </>
  );
}

export function ChangePhone({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChangePhone();
  const was = user.phone_kind ?? 'sip';
  const form = useForm({ initialValues: { phone_kind: was as PhoneKind, endpoint: was === 'sip' ? (user.endpoint ?? '') : '' } });
  const submit = form.onSubmit(async (values) => {
    try {
      await change.mutateAsync({ id: user.id, phone_kind: values.phone_kind, endpoint: values.phone_kind === 'sip' ? values.endpoint : '' });
      toastOK(t('users.phoneChanged', { name: user.name }));
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened onClose={onClose} title={t('users.changePhone', { name: user.name })}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <PhoneFields inPage={hasPhonePage(user.role)} webrtc={form.values.phone_kind === 'webrtc'} kind={form.getInputProps('phone_kind')}
            endpoint={form.getInputProps('endpoint')} />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" loading={change.isPending} data-testid="user-phone-save">{t('users.savePhone')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
