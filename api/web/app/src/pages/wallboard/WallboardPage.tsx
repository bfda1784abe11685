import { IconX } from '@tabler/icons-react';
import i18next from 'i18next';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { checkSession } from '../../api/http';
import type { Alert, BoardList, BoardPlan, BoardTrunk } from '../../api/room';
import type { BoardAgent, BoardCampaign } from '../../api/types';
import { codeName } from '../../i18n';
import { clock, onTick } from '../../lib/clock';
import { clockText, useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { useConnection, useFresh, useLoaded, useTopic } from '../../stream/context';
import { FullLoader, StatePill, StatusPill, Timer } from '../../ui/ui';
import { alertText, useAlerts } from '../board/alerts';
import { withPlans } from '../board/campaigns';
import { VerdictPill } from '../board/Judged';
import { sums } from '../board/sums';
import { abandonVerdict, DEFAULTS, listVerdict, sumTrunks, trunkVerdict, waitingVerdict } from '../board/thresholds';
import css from './wall.module.css';
import { pagesOf, turnOf, type WallPage } from './turns';

const TURN = 15_000; // milliseconds that one page is shown
const MOST = 10; // rows of a page

function Big({ label, value, sub, state }: { label: string; value: string; sub?: ReactNode; state?: string }) {
  return (
    <div className={css.big} data-state={state}>
      <div className={css.label}>{label}</div>
      <div className={`${css.value} num`}>{value}</div>
      <div className={css.sub}>{sub}</div>
    </div>
  );
}

function Numbers({ campaigns, agents }: { campaigns: BoardCampaign[]; agents: BoardAgent[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const s = sums(campaigns, agents);
  const idle = agents.filter((a) => a.state === 'Ready').sort((a, b) => a.since.localeCompare(b.since))[0];
  const worst = campaigns.map((c) => abandonVerdict(DEFAULTS, c)).sort((a, b) => Number(b?.level === 'bad') - Number(a?.level === 'bad') || Number(!!b) - Number(!!a))[0] ?? null;
  const wait = waitingVerdict(DEFAULTS, s.waiting);
  return (
    <div className={css.numbers}>
      <Big label={t('room.wall.talking')} value={f.number(s.talking)} />
      <Big label={t('room.wall.ready')} value={f.number(s.ready)} sub={idle && <>{t('room.wall.idleLongest')} <Timer at={idle.since} /></>} />
      <Big label={t('room.wall.wrapUp')} value={f.number(s.wrapUp)} />
      <Big label={t('room.wall.notReady')} value={f.number(s.notReady)} />
      <Big label={t('room.wall.dialing')} value={f.number(s.inFlight)} />
      <Big label={t('room.wall.waiting')} value={f.number(s.waiting)} state={wait?.level} sub={<VerdictPill verdict={wait} />} />
      <Big label={t('room.wall.live')} value={f.number(s.live)} />
      <Big label={t('room.wall.abandonment')} value={s.live ? f.percent(s.share) : '–'} state={worst?.level}
        sub={worst ? <VerdictPill verdict={worst} /> : s.target !== null && t('room.wall.capOf', { value: f.percent(s.target) })} />
    </div>
  );
}

function Rest({ n }: { n: number }) {
  const { t } = useTranslation();
  return n > 0 ? <div className={css.rest}>{t('room.wall.more', { n })}</div> : null;
}

function Campaigns({ campaigns }: { campaigns: BoardCampaign[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const shown = campaigns.filter((c) => c.status === 'running' || c.status === 'draining');
  const all = shown.length ? shown : campaigns;
  return (
    <>
      <table className={css.table}>
        <thead><tr><th>{t('board.campaign')}</th><th>{t('ui.status')}</th><th>{t('room.wall.talking')}</th><th>{t('room.wall.ready')}</th><th>{t('room.wall.dialing')}</th><th>{t('room.wall.waiting')}</th><th>{t('room.wall.abandonment')}</th></tr></thead>
        <tbody>
          {all.slice(0, MOST).map((c) => {
            const verdict = abandonVerdict(DEFAULTS, c);
            return (
              <tr key={c.id}>
                <td><div className="truncate">{c.name}</div></td><td><StatusPill status={c.status} /></td><td className="num">{f.number(c.talking)}</td><td className="num">{f.number(c.ready)}</td>
                <td className="num">{f.number(c.dialing)}</td><td className="num">{f.number(c.waiting)}</td><td className="num"><div className={css.rate}>{c.live ? f.percent(c.abandon_rate) : '–'} <VerdictPill verdict={verdict} /></div></td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Rest n={all.length - MOST} />
    </>
  );
}

function Supply({ trunks, lists, plans }: { trunks: BoardTrunk[]; lists: BoardList[]; plans: BoardPlan[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const running = new Map(plans.filter((p) => p.status === 'running').map((p) => [p.id, p]));
  const shown = lists.filter((l) => running.has(l.campaign_id)).sort((a, b) => Number(!!b.dry) - Number(!!a.dry) || a.now - b.now);
  return (
    <div className={css.halves}>
      <div>
        <table className={css.table}>
          <thead><tr><th>{t('room.trunk')}</th><th>{t('room.lines')}</th><th>{t('room.trunkState')}</th></tr></thead>
          <tbody>{trunks.slice(0, MOST).map((r) => {
            const verdict = trunkVerdict(DEFAULTS, r);
            return <tr key={r.id}><td><div className="truncate">{r.name}</div></td><td className="num">{f.number(r.in_use)} / {f.number(r.max_channels)}</td><td>{verdict ? <VerdictPill verdict={verdict} /> : <StatePill state="up">{codeName('breaker', r.breaker)}</StatePill>}</td></tr>;
          })}</tbody>
        </table>
        <Rest n={trunks.length - MOST} />
      </div>
      <div>
        <table className={css.table}>
          <thead><tr><th>{t('room.list')}</th><th>{t('room.now')}</th><th>{t('ui.status')}</th></tr></thead>
          <tbody>{shown.slice(0, MOST).map((l) => (
            <tr key={l.campaign_id + l.list_id}><td><div className="truncate">{l.name}</div></td><td className="num">{f.number(l.now)}</td><td>{l.dry ? <VerdictPill verdict={listVerdict(l, true)} /> : <StatePill state="up">{t('room.callable')}</StatePill>}</td></tr>
          ))}</tbody>
        </table>
        <Rest n={shown.length - MOST} />
      </div>
    </div>
  );
}

function Alerts({ alerts }: { alerts: Alert[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (alerts.length === 0) return <div className={css.well}>{t('room.wall.allWell')}</div>;
  return (
    <ul className={css.alerts}>
      {alerts.slice(0, 8).map((a) => (
        <li key={a.id} data-state={a.severity === 'critical' ? 'bad' : a.severity === 'warning' ? 'warn' : 'info'}>
          <b className="truncate">{codeName('severity', a.severity)} · {a.name}</b><span>{alertText(a)}</span><time className="num">{f.time(Date.parse(a.raised_at))}</time>
        </li>
      ))}
      <Rest n={alerts.length - 8} />
    </ul>
  );
}

/** The page of this moment; the language turns with each round when both were asked for. */
function useTurn(pages: WallPage[], both: boolean): WallPage {
  const [, look] = useState(0);
  useEffect(() => onTick(() => look((n) => n + 1)), []);
  const { page, round } = turnOf(Date.now(), TURN, pages);
  const language = useUser().language;
  const turned = both && round % 2 === 1 ? (language === 'en' ? 'zh-CN' : 'en') : language;
  useEffect(() => {
    if (i18next.language !== turned) void i18next.changeLanguage(turned);
    return () => void (i18next.language !== language && i18next.changeLanguage(language));
  }, [turned, language]);
  return page;
}

function Lost() {
  const { t } = useTranslation();
  const f = useFormats();
  const lost = useConnection() === 'lost';
  const [since, setSince] = useState(0);
  useEffect(() => setSince(lost ? clock.now() : 0), [lost]);
  return lost && since ? <div className={css.lost} role="alert">{t('room.wall.lost', { time: f.time(since) })}</div> : null;
}

function Clock() {
  const f = useFormats();
  const [now, set] = useState(() => clock.now());
  useEffect(() => onTick(() => set(clock.now())), []);
  return <time className="num">{f.time(now)}<small>{clockText(now / 1000 % 60).slice(-3)}</small></time>;
}

function Wall() {
  const { t } = useTranslation();
  const live = useFresh<BoardCampaign>('board', 'campaign/', 250).map(([, c]) => c);
  const plans = useFresh<BoardPlan>('board', 'plan/', 250).map(([, p]) => p);
  const agents = useFresh<BoardAgent>('board', 'agent/', 250).map(([, a]) => a);
  const trunks = sumTrunks(useFresh<BoardTrunk>('board', 'trunk/', 250).map(([, r]) => r));
  const lists = useFresh<BoardList>('board', 'list/', 250).map(([, l]) => l);
  const alerts = useAlerts();
  const params = new URLSearchParams(location.search);
  const page = useTurn(pagesOf(params.get('pages'), alerts.length > 0), params.get('lang') === 'both');
  // The numbers come by the stream alone. A request now and then tells whether the session still holds; when it is over, the page asks to sign in.
  useEffect(() => {
    const timer = setInterval(() => void checkSession(), 60_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main className={css.wall} id="main" data-testid="wallboard" data-page={page}>
      <header className={css.head}>
        <h1>{t(`room.wall.${page}`)}</h1>
        {page !== 'alerts' && alerts.length > 0 && <span className={css.first} data-state={alerts[0]!.severity === 'critical' ? 'bad' : 'warn'}>{alerts[0]!.name}: {alertText(alerts[0]!)}</span>}
        <Clock />
        <Link href="/board" className={css.leave} aria-label={t('room.wall.leave')} title={t('room.wall.leave')}><IconX size={22} aria-hidden /></Link>
      </header>
      <Lost />
      {page === 'agents' && <Numbers campaigns={live} agents={agents} />}
      {page === 'campaigns' && <Campaigns campaigns={withPlans(live, plans)} />}
      {page === 'supply' && <Supply trunks={trunks} lists={lists} plans={plans} />}
      {page === 'alerts' && <Alerts alerts={alerts} />}
    </main>
  );
}

/** Big numbers for a screen on the wall: no mouse, pages in turn. ?lang=both turns the language with each round, ?pages=agents,alerts shows only some. */
export default function WallboardPage() {
  useTopic('board');
  return useLoaded('board') ? <Wall /> : <FullLoader />;
}
