import { Button, MultiSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '../../api/types';
import { may, useUser } from '../../lib/session';
import { toastOK } from '../../ui/toast';
import { Load, Panel } from '../../ui/ui';
import { ChangeProblem } from '../lists/parts';
import { useSegmentations, useSegments } from '../segments/api';
import { useCampaignSegments, useSaveSegments, type CampaignSegments } from './api';
import css from './campaigns.module.css';
import { refKey, refOf } from './steer';

/** All that a campaign may choose: segments, and parts of sets. */
function useChoices() {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  const sets = useSegmentations().data ?? [];
  const name = (id: string) => segments.find((s) => s.id === id)?.name ?? '…';
  return [
    { group: t('segments.title'), items: segments.map((s) => ({ value: refKey({ segment_id: s.id }), label: s.name })) },
    ...sets.map((set) => ({
      group: t('steer.setNamed', { name: set.name }),
      items: [
        ...set.segment_ids.map((id) => ({ value: refKey({ segmentation_id: set.id, segment_id: id }), label: `${set.name} › ${name(id)}` })),
        { value: refKey({ segmentation_id: set.id }), label: `${set.name} › ${t('segments.rest')}` },
      ],
    })),
  ];
}

function Editor({ campaign, was }: { campaign: Campaign; was: CampaignSegments }) {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const choices = useChoices();
  const saved = (was.segments ?? []).map(refKey);
  const [picked, setPicked] = useState(saved);
  const save = useSaveSegments(campaign.id);
  const changed = picked.join() !== saved.join();
  const send = () => save.mutate({ segments: picked.map(refOf), revision: was.revision }, { onSuccess: () => toastOK(t('steer.segmentsSaved')) });
  return (
    <div className={css.body}>
      <div className={css.inline}>
        <MultiSelect style={{ flex: 1, minWidth: 0 }} label={t('steer.who')} description={t('steer.whoHint')} searchable clearable maxValues={20} readOnly={!manage} value={picked} onChange={setPicked}
          data={choices} placeholder={picked.length === 0 ? t('lists.everybody') : undefined} data-testid="campaign-segments" />
        {manage && <Button variant="default" disabled={!changed} loading={save.isPending} onClick={send} data-testid="campaign-segments-save">{t('segments.save')}</Button>}
      </div>
      <ChangeProblem error={save.error} />
    </div>
  );
}

/** Whom of its lists the campaign calls. */
export function SegmentsPanel({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const query = useCampaignSegments(campaign.id);
  return (
    <Panel title={t('steer.whoTitle')} testid="campaign-who">
      <Load query={query} rows={3}>{(s) => <Editor key={(s.segments ?? []).map(refKey).join()} campaign={campaign} was={s} />}</Load>
    </Panel>
  );
}
