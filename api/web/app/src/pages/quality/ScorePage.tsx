import { Button, Group, Select, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { useCalibration, useCall, useCard, useCards, useSubmit, type Call, type Card } from '../../api/quality';
import { useFormats } from '../../lib/format';
import { load, save } from '../../lib/storage';
import { newID } from '../../stream/context';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, FullLoader, Load, Page, Panel } from '../../ui/ui';
import { Player, type PlayerHandle } from '../calls/Player';
import css from './quality.module.css';
import { answered, questionsOf, scoreOf, sheetOf, toneOf, type Given } from './score';
import { Score, SheetForm } from './SheetForm';

interface Kept {
  at: number;
  id: string;
  given: Given;
  comment: string;
}

/** What was filled in and not sent outlives a reload. */
function useKept(name: string) {
  const key = `dialtide.sheet.${name}`;
  const [kept, setKept] = useState<Kept>(() => load<Kept>(key) ?? { at: Date.now(), id: newID(), given: {}, comment: '' });
  useEffect(() => {
    save(key, Object.keys(kept.given).length || kept.comment ? kept : null);
  }, [key, kept]);
  return { kept, change: (c: Partial<Kept>) => setKept((was) => ({ ...was, ...c, at: Date.now() })), forget: () => save(key, null) };
}

interface FormProps {
  call: Call;
  card: Card;
  cardID: string;
  version: number;
  calibration: string;
}

function Form({ call, card, cardID, version, calibration }: FormProps) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const player = useRef<PlayerHandle>(null);
  const { kept, change, forget } = useKept(`${calibration || call.attempt_id}.${cardID}.${version}`);
  const [asking, setAsking] = useState(false);
  const submit = useSubmit();
  const all = questionsOf(card).length;
  const done = answered(card, kept.given);
  const result = scoreOf(card, kept.given);
  const send = () => submit.mutate({ id: kept.id, attempt_id: call.attempt_id, card_id: cardID, card_version: version, ...(calibration ? { calibration_id: calibration } : {}), ...sheetOf(card, kept.given, kept.comment) }, {
    onSuccess: (e) => {
      forget();
      toastOK(t('quality.submitted', { score: e.score }));
      go(calibration ? `/quality/calibration/${calibration}` : `/quality/evaluations/${e.id}`, { replace: true });
    },
    onError: (e) => { setAsking(false); toastProblem(e); },
  });
  return (
    <>
      {call.seconds > 0 ? <Player id={call.attempt_id} still handle={player} /> : <Text size="sm" c="dimmed" mb="sm">{t('quality.noRecording')}</Text>}
      <Panel>
        <SheetForm card={card} given={kept.given} comment={kept.comment} set={(given) => change({ given })} setComment={(comment) => change({ comment })}
          places={call.seconds > 0 ? { now: () => player.current?.now() ?? 0, seek: (s) => player.current?.seek(s) } : undefined} />
        <div className={css.foot}>
          {result ? <Score score={result.score} fatal={result.fatal} tone={toneOf(result.score)} /> : <span className={css.soft}>–</span>}
          <span className={css.soft} data-testid="answered">{t('quality.answered', { done, all })}</span>
          <Button ml="auto" disabled={done < all} onClick={() => setAsking(true)} data-testid="submit-score">{t('quality.submit')}</Button>
        </div>
      </Panel>
      <Confirm opened={asking} title={t('quality.submitAsk')} hint={t(calibration ? 'quality.submitBlind' : 'quality.submitHint')} action={t('quality.submit')} busy={submit.isPending} onConfirm={send} onClose={() => setAsking(false)} />
    </>
  );
}

function Pick({ chosen, set }: { chosen: string; set: (id: string) => void }) {
  const { t } = useTranslation();
  const cards = (useCards().data ?? []).filter((c) => c.version > 0 && !c.retired);
  const only = cards.length === 1 ? cards[0]!.id : '';
  useEffect(() => { if (!chosen && only) set(only); }, [chosen, only, set]);
  return <Select size="sm" w={280} allowDeselect={false} placeholder={t('quality.pickCard')} aria-label={t('quality.card')} value={chosen || null} onChange={(v) => v && set(v)} data={cards.map((c) => ({ value: c.id, label: c.name }))} data-testid="pick-card" />;
}

/** A call being scored: its recording above, the card below. */
export function ScorePage({ attempt }: { attempt: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const calibration = new URLSearchParams(useSearch()).get('calibration') ?? '';
  const b = useCalibration(calibration);
  const call = useCall(calibration ? '' : attempt);
  const [picked, setPicked] = useState('');
  const cardID = picked || call.data?.card_id || '';
  const card = useCard(calibration ? '' : cardID);
  const [, go] = useLocation();
  const evaluated = call.data?.evaluation_id;
  useEffect(() => { if (evaluated) go(`/quality/evaluations/${evaluated}`, { replace: true }); }, [evaluated, go]);
  if (calibration) {
    return (
      <Page title={b.data ? b.data.title : t('quality.score')}>
        <Load query={b}>
          {(x) => (x.closed_at || x.done || !x.mine
            ? <Empty title={t('quality.nothingToScore')} />
            : <Form call={{ attempt_id: x.attempt_id, seconds: 86_400 } as Call} card={x.body} cardID={x.card_id} version={x.card_version} calibration={x.id} />)}
        </Load>
      </Page>
    );
  }
  const version = card.data?.versions[0];
  return (
    <Page title={t('quality.score')} actions={<Pick chosen={cardID} set={setPicked} />}>
      <Load query={call}>
        {(x) => (
          <>
            <Group gap={18} mb={10} className={css.about} data-testid="about-call">
              <span>{t('quality.agent')} <b>{x.agent}</b></span><span>{t('quality.called')} <b>{f.dateTime(x.called_at)}</b></span>
              <span>{t('quality.campaign')} <b>{x.campaign || '–'}</b></span><span>{t('quality.contact')} <b>{x.contact || '–'}</b></span>
            </Group>
            {!cardID ? <Empty title={t('quality.pickCard')} hint={t('quality.pickCardHint')} /> : version ? <Form key={`${cardID} ${version.version}`} call={x} card={version.body} cardID={cardID} version={version.version} calibration="" /> : <FullLoader />}
          </>
        )}
      </Load>
    </Page>
  );
}
