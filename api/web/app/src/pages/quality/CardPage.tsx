import { Alert, Button, Group, Modal, NumberInput, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useCard, usePublishCard, useRetireCard, useSaveCard, type Card, type CardWhole } from '../../api/quality';
import { fieldText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { useUnsaved } from '../../lib/unsaved';
import { toastOK, toastProblem } from '../../ui/toast';
import { Load, Page, Panel, StatePill } from '../../ui/ui';
import { ChangeProblem } from '../lists/parts';
import { CardEditor } from './CardEditor';
import css from './quality.module.css';
import type { Given } from './score';
import { SheetForm } from './SheetForm';

const blank = (): Card => ({ appeal_days: 7, sections: [{ title: '', questions: [{ id: 'q1', text: '', kind: 'yesno', weight: 10 }] }] });

function Versions({ card }: { card: CardWhole }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (card.versions.length === 0) return <p className={css.note}>{t('quality.neverPublished')}</p>;
  return (
    <ol className={css.story} data-testid="card-versions">
      {card.versions.map((v) => <li key={v.version}><time>{f.dateTime(v.published_at)}</time><span><b>{t('quality.version', { n: v.version })}</b> · {v.name} · {v.published_by}{v.note && <q>{v.note}</q>}</span></li>)}
    </ol>
  );
}

function Publish({ card, onClose }: { card: CardWhole; onClose: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const publish = usePublishCard();
  return (
    <Modal opened onClose={onClose} title={t('quality.publish')} data-testid="publish-dialog">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('quality.publishHint')}</Text>
        <TextInput label={t('quality.whatIsNew')} maxLength={500} data-autofocus value={note} onChange={(e) => setNote(e.currentTarget.value)} data-testid="publish-note" />
        <ChangeProblem error={publish.error} />
        <Group justify="flex-end"><Button loading={publish.isPending} onClick={() => publish.mutate({ id: card.id, revision: card.revision, note: note.trim() }, { onSuccess: () => { toastOK(t('quality.published')); onClose(); } })} data-testid="publish-ok">{t('quality.publish')}</Button></Group>
      </Stack>
    </Modal>
  );
}

function Edit({ card }: { card: CardWhole | null }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [name, setName] = useState(card?.name ?? '');
  const [body, setBody] = useState<Card>(() => card?.draft ?? card?.versions[0]?.body ?? blank());
  const [dirty, setDirty] = useState(false);
  const [tab, setTab] = useState('design');
  const [tried, setTried] = useState<{ given: Given; comment: string }>({ given: {}, comment: '' });
  const [publishing, setPublishing] = useState(false);
  const save = useSaveCard();
  const retire = useRetireCard();
  const { dialog, release } = useUnsaved(dirty);
  const change = (c: Partial<Card>) => { setBody({ ...body, ...c }); setDirty(true); };
  const store = () => save.mutate({ id: card?.id ?? '', name: name.trim(), body, revision: card?.revision ?? 0 }, {
    onSuccess: (c) => {
      setDirty(false);
      toastOK(t('quality.draftSaved'));
      release();
      if (!card) go(`/quality/scorecards/${c.id}`, { replace: true });
    },
    onError: toastProblem,
  });
  const problems = dirty ? [] : (card?.problems ?? []);
  const actions = (
    <Group gap={8}>
      {card && card.version > 0 && <Button size="sm" variant="default" loading={retire.isPending} onClick={() => retire.mutate({ id: card.id, retired: !card.retired }, { onError: toastProblem })} data-testid="card-retire">{t(card.retired ? 'quality.useAgain' : 'quality.retire')}</Button>}
      <Button size="sm" variant="default" disabled={!name.trim() || (!dirty && !!card)} loading={save.isPending} onClick={store} data-testid="card-save">{t('quality.saveDraft')}</Button>
      <Button size="sm" disabled={!card?.draft || dirty || problems.length > 0} onClick={() => setPublishing(true)} data-testid="card-publish">{t('quality.publish')}</Button>
    </Group>
  );
  return (
    <Page title={card?.name ?? t('quality.newCard')} actions={actions}>
      <Group gap={8} mb={10} mih={24}>
        {card?.retired && <StatePill state="plain">{t('quality.retired')}</StatePill>}
        {card && card.version > 0 && <StatePill state="good">{t('quality.version', { n: card.version })}</StatePill>}
        {(dirty || card?.draft) && <StatePill state="warn">{t(dirty ? 'quality.unsaved' : 'quality.draft')}</StatePill>}
      </Group>
      {problems.length > 0 && (
        <Alert color="yellow" mb={10} p="sm" classNames={{ title: css.alert }} title={t('quality.notReady')} data-testid="card-problems">
          <ul className={css.problems}>{problems.slice(0, 8).map((p, i) => <li key={i}><code>{p.path}</code> {fieldText(p.reason)}</li>)}</ul>
        </Alert>
      )}
      <Panel>
        <Tabs value={tab} onChange={(v) => setTab(v ?? 'design')} keepMounted={false}>
          <Tabs.List px="xs"><Tabs.Tab value="design">{t('quality.design')}</Tabs.Tab><Tabs.Tab value="try" data-testid="card-try">{t('quality.try')}</Tabs.Tab>{card && <Tabs.Tab value="versions">{t('quality.versions')}</Tabs.Tab>}</Tabs.List>
          <Tabs.Panel value="design" p="md">
            <Group align="flex-start" mb="md">
              <TextInput style={{ flex: 1 }} miw={260} label={t('ui.name')} maxLength={120} required value={name} onChange={(e) => { setName(e.currentTarget.value); setDirty(true); }} data-testid="card-name" />
              <NumberInput w={200} label={t('quality.appealDays')} min={1} max={60} allowDecimal={false} value={body.appeal_days} onChange={(x) => change({ appeal_days: Number(x) || 1 })} data-testid="card-days" />
            </Group>
            <CardEditor card={body} set={(c) => change(c)} />
          </Tabs.Panel>
          <Tabs.Panel value="try"><SheetForm card={body} given={tried.given} comment={tried.comment} set={(given) => setTried({ ...tried, given })} setComment={(comment) => setTried({ ...tried, comment })} /></Tabs.Panel>
          {card && <Tabs.Panel value="versions"><Versions card={card} /></Tabs.Panel>}
        </Tabs>
      </Panel>
      {dialog}
      {publishing && card && <Publish card={card} onClose={() => setPublishing(false)} />}
    </Page>
  );
}

/** A scorecard: its draft, how it is filled in, its versions. */
export function CardPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const card = useCard(id);
  if (id === 'new') return <Edit key="new" card={null} />;
  if (card.data) return <Edit key={`${id} ${card.data.revision}`} card={card.data} />;
  return <Page title={t('quality.card')}><Load query={card}>{() => null}</Load></Page>;
}
