import { ActionIcon, Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaleStages, useSaveStages, type SaleStage, type StageKind } from '../../api/sales';
import { problemText } from '../../i18n/problem';
import { toastOK } from '../../ui/toast';

/** The stages of a campaign's sales in their order, or those of all campaigns. */
export function StagesDialog({ campaign, name, onClose }: { campaign: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const now = useSaleStages(campaign);
  const save = useSaveStages(campaign);
  const [stages, setStages] = useState<SaleStage[] | null>(null);
  useEffect(() => {
    if (now.data) setStages((was) => was ?? now.data);
  }, [now.data]);
  const all = stages ?? [];
  const set = (i: number, change: Partial<SaleStage>) => setStages(all.map((s, k) => (k === i ? { ...s, ...change } : s)));
  const move = (i: number, by: number) => {
    const next = [...all];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    setStages(next);
  };
  const kinds: { value: StageKind; label: string }[] = [{ value: 'open', label: t('sales.kind.open') }, { value: 'won', label: t('sales.kind.won') }, { value: 'lost', label: t('sales.kind.lost') }];
  // A stage of all campaigns becomes a new one when it is kept for a single campaign.
  const [own] = useState(campaign !== '');
  const store = () => save.mutate(all.map((s) => ({ name_en: s.name_en.trim(), name_zh: s.name_zh.trim(), kind: s.kind, ...(own || !s.id ? {} : { id: s.id }) })), {
    onSuccess: () => {
      toastOK(t('sales.stagesSaved'));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={`${t('sales.stages')} · ${name}`} data-testid="stages-dialog">
      <Stack gap={8}>
        <Text size="sm" c="dimmed">{t('sales.stagesHint')}</Text>
        {all.map((s, i) => (
          <Group key={s.id ?? i} gap={6} wrap="nowrap">
            <TextInput size="xs" aria-label={t('sales.nameEN')} placeholder={t('sales.nameEN')} maxLength={60} value={s.name_en} onChange={(e) => set(i, { name_en: e.currentTarget.value })} style={{ flex: 1 }} />
            <TextInput size="xs" aria-label={t('sales.nameZH')} placeholder={t('sales.nameZH')} maxLength={60} value={s.name_zh} onChange={(e) => set(i, { name_zh: e.currentTarget.value })} style={{ flex: 1 }} />
            <Select size="xs" w={100} allowDeselect={false} aria-label={t('sales.result')} value={s.kind} onChange={(v) => set(i, { kind: (v ?? 'open') as StageKind })} data={kinds} />
            <ActionIcon variant="subtle" color="gray" disabled={i === 0} onClick={() => move(i, -1)} aria-label={`${t('sales.up')}: ${s.name_en}`}><IconArrowUp size={15} /></ActionIcon>
            <ActionIcon variant="subtle" color="gray" disabled={i === all.length - 1} onClick={() => move(i, 1)} aria-label={`${t('sales.down')}: ${s.name_en}`}><IconArrowDown size={15} /></ActionIcon>
            <ActionIcon variant="subtle" color="red" disabled={all.length < 3} onClick={() => setStages(all.filter((_, k) => k !== i))} aria-label={`${t('act.remove')}: ${s.name_en}`}><IconTrash size={15} /></ActionIcon>
          </Group>
        ))}
        {save.error && <Alert color="red" p="xs" role="alert">{problemText(save.error)}</Alert>}
        <Group justify="space-between">
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} disabled={all.length >= 20} onClick={() => setStages([...all, { name_en: '', name_zh: '', kind: 'open' }])}>{t('sales.addStage')}</Button>
          <Button loading={save.isPending} disabled={all.some((s) => !s.name_en.trim() || !s.name_zh.trim())} onClick={store} data-testid="stages-save">{t('sales.save')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
