import { Button, Group, Modal, Radio, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Ground } from '../../api/law';
import { useAddOverride, usePacks } from '../../api/lawQueries';
import { useCampaigns } from '../../api/queries';
import type { Contact } from '../../api/types';
import { clock } from '../../lib/clock';
import { inTongue } from '../../lib/bilingual';
import { applyProblem } from '../../lib/form';
import { phoneText } from '../../lib/format';
import { toastOK } from '../../ui/toast';
import { isPhone, plainPhone } from './consent';
import { liftableRules, untilAllowed, untilDays } from './overrides';
import { endOfDay } from './SuppressForm';

export interface OverrideFormProps {
  opened: boolean;
  onClose: () => void;
  /** For whom; missing: any number. */
  contact?: Contact;
  /** What is meant, when it is known already. */
  rule?: string;
  campaign?: string;
}

function Whom({ contact, form }: { contact: Contact | undefined; form: ReturnType<typeof useOverrideForm> }) {
  const { t } = useTranslation();
  if (!contact) return <TextInput label={t('override.phone')} placeholder="+12065550100" inputMode="tel" data-autofocus {...form.getInputProps('phone')} data-testid="override-phone" />;
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>{t('override.whom')} {contact.name ? `${contact.name}, ` : ''}<span className="num">{phoneText(contact.phone)}</span></Text>
      <SegmentedControl fullWidth aria-label={t('override.whom')} data={[{ value: 'phone', label: t('override.thisNumber') }, { value: 'contact', label: t('override.thisContact') }]} {...form.getInputProps('whom')} data-testid="override-whom" />
    </div>
  );
}

function useOverrideForm({ contact, rule, campaign }: OverrideFormProps) {
  const { t } = useTranslation();
  return useForm({
    initialValues: { whom: 'phone', phone: contact?.phone ?? '', campaign_id: campaign ?? '', rule: rule ?? '', ground: '', why: '', until: untilDays(clock.now()).usual },
    validate: {
      phone: (v) => (contact || isPhone(v) ? null : t('code.invalid.phone')),
      rule: (v) => (v ? null : t('code.invalid.required')),
      ground: (v) => (v ? null : t('code.invalid.required')),
      why: (v) => (v.trim() ? null : t('code.invalid.required')),
      until: (v) => (untilAllowed(v, clock.now()) ? null : t('override.untilPast')),
    },
  });
}

function Fields(props: OverrideFormProps) {
  const { onClose, contact } = props;
  const { t } = useTranslation();
  const add = useAddOverride();
  const packs = usePacks();
  const campaigns = useCampaigns();
  const form = useOverrideForm(props);
  const chosen = campaigns.data?.find((c) => c.id === form.values.campaign_id);
  const groups = liftableRules(packs.data ?? [], chosen);
  const rule = groups.flatMap((g) => g.rules).find((r) => r.id === form.values.rule);
  const grounds = rule?.override ?? [];
  const ground = grounds.length === 1 ? grounds[0]! : grounds.includes(form.values.ground as Ground) ? form.values.ground : '';
  const days = untilDays(clock.now());
  const save = async () => {
    const v = form.values;
    try {
      await add.mutateAsync({
        rule: v.rule, ground: ground as Ground, why: v.why.trim(), until: endOfDay(v.until), campaign_id: v.campaign_id || undefined,
        ...(contact && v.whom === 'contact' ? { contact_id: contact.id } : { phone: contact ? contact.phone : plainPhone(v.phone) }),
      });
      toastOK(t('override.done'));
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  };
  return (
    <form noValidate onSubmit={(e) => {
      e.preventDefault();
      form.setFieldValue('ground', ground);
      const wrong = form.validate().errors;
      if (Object.keys(wrong).every((k) => k === 'ground' && ground)) {
        form.clearErrors();
        void save();
      }
    }}>
      <Stack gap="sm">
        {contact && <Text size="sm" c="dimmed">{t('override.intro')}</Text>}
        <Whom contact={contact} form={form} />
        <Select label={t('override.rule')} description={t(packs.data && groups.length === 0 ? 'override.noRules' : 'override.ruleHint')} searchable allowDeselect={false} {...form.getInputProps('rule')} value={form.values.rule || null} data-testid="override-rule"
          data={groups.map((g) => ({ group: g.pack ? inTongue(g.pack.title, g.pack.title_zh) : t('override.ownRules', { name: g.campaign?.name ?? '' }), items: g.rules.map((r) => ({ value: r.id, label: inTongue(r.title, r.title_zh) })) }))} />
        <Radio.Group label={t('override.ground')} {...form.getInputProps('ground')} value={ground}>
          <Group gap="xs" mt={4} grow align="start">
            {(['consent', 'relationship'] as const).map((g) => <Radio key={g} value={g} label={t(`override.${g}`)} disabled={!grounds.includes(g)} data-testid={`override-ground-${g}`} />)}
          </Group>
        </Radio.Group>
        <Textarea label={t('override.why')} description={t('override.whyHint')} autosize minRows={2} maxRows={6} maxLength={1000} data-autofocus={contact ? true : undefined} {...form.getInputProps('why')} data-testid="override-why" />
        <Group grow align="start">
          <TextInput type="date" label={t('override.until')} description={t('override.untilHint')} min={days.first} max={days.last} {...form.getInputProps('until')} data-testid="override-until" />
          <Select label={t('override.campaign')} description={t('override.campaignHint')} placeholder={t('override.everywhere')} clearable searchable data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} {...form.getInputProps('campaign_id')} value={form.values.campaign_id || null}
            onChange={(v) => form.setFieldValue('campaign_id', v ?? '')} data-testid="override-campaign" />
        </Group>
        <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" loading={add.isPending} data-testid="override-save">{t('override.add')}</Button></Group>
      </Stack>
    </form>
  );
}

/** Lifts one rule for one number or contact, on a ground that the rule's law knows. */
export function OverrideForm(props: OverrideFormProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t('override.addTitle')} size="lg">
      <Fields key={`${props.rule} ${props.campaign}`} {...props} />
    </Modal>
  );
}
