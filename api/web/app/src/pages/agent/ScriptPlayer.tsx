import { Button, Kbd, Menu } from '@mantine/core';
import { IconArrowBackUp, IconBulb, IconChevronDown, IconFlag, IconList, IconMessageReport } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pop, Screen, ScriptAt, ScriptDoc, ScriptPage } from '../../api/desk';
import { useScript } from '../../api/queries';
import { useFormats } from '../../lib/format';
import { useKeys, type Keys } from '../../lib/keys';
import { useConnection } from '../../stream/context';
import { Empty, Failed, RowsSkeleton } from '../../ui/ui';
import css from './agent.module.css';
import deskCss from './desk.module.css';
import { keyText, useActions, useKeymap } from './keymap';
import { dispositionName, localText } from './names';
import { Ask } from './Questions';
import { before, fill, isEmpty, menu, objections, optionsOf, pageOf, shownOf } from './script';
import { useScriptRun } from './useScriptRun';

interface PlayerProps {
  doc: ScriptDoc;
  pop: Pop;
  screen: Screen;
  onSuggest: (code: string) => void;
}

/** Answers of the contact's last call with this script can be taken over. */
function Earlier({ pop, at, resume }: { pop: Pop; at: ScriptAt; resume: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const count = Object.keys(pop.earlier?.answers ?? {}).length;
  if (!pop.earlier || count === 0 || (at.trail ?? []).length > 0) return null;
  return (
    <div className={deskCss.earlier} data-testid="script-earlier">
      <span>{t('desk.script.earlier', { count, when: f.dateTime(pop.earlier.at) })}</span>
      <Button size="compact-xs" variant="light" onClick={resume} data-testid="script-resume">{t('desk.script.resume')}</Button>
    </div>
  );
}

function Disclosure({ text, read, missed, onRead }: { text: string; read: boolean; missed: boolean; onRead: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={deskCss.disclosure} data-read={read || undefined} data-testid="disclosure">
      <p>{text}</p>
      <label className={css.option} data-checked={read || undefined}>
        <input type="checkbox" checked={read} disabled={read} onChange={onRead} aria-describedby="disclosure-missed" data-testid="disclosure-read" />
        <span>{t('desk.script.read')}</span>
      </label>
      {missed && <p role="alert" id="disclosure-missed" className={css.missing}>{t('desk.script.unread')}</p>}
    </div>
  );
}

/** Ways off the page: objections from anywhere, pages of the menu. */
function Aside({ doc, go }: { doc: ScriptDoc; go: (step: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const map = useKeymap();
  const against = objections(doc);
  const pages = menu(doc);
  useActions({ objections: against.length ? () => setOpen(true) : undefined });
  return (
    <>
      {against.length > 0 && (
        <Menu opened={open} onChange={setOpen} position="top-start" withinPortal>
          <Menu.Target>
            <Button variant="default" leftSection={<IconMessageReport size={16} />} rightSection={<IconChevronDown size={14} />} title={keyText(map.objections)} data-testid="script-objections">
              {t('desk.script.objections')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>{against.map((s) => <Menu.Item key={s.id} onClick={() => go(s.id)} data-testid={`objection-${s.id}`}>{localText(s.title) || s.id}</Menu.Item>)}</Menu.Dropdown>
        </Menu>
      )}
      {pages.length > 0 && (
        <Menu position="top-start" withinPortal>
          <Menu.Target><Button variant="subtle" color="gray" leftSection={<IconList size={16} />} data-testid="script-menu">{t('desk.script.jump')}</Button></Menu.Target>
          <Menu.Dropdown>{pages.map((p) => <Menu.Item key={p.id} onClick={() => go(p.id)}>{localText(p.title) || p.id}</Menu.Item>)}</Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

function Player({ doc, pop, screen, onSuggest }: PlayerProps) {
  const { t } = useTranslation();
  const run = useScriptRun(doc, pop);
  const { at, answers } = run;
  const online = useConnection() === 'open';
  const map = useKeymap();
  const [trouble, setTrouble] = useState('');
  const [pressed, setPressed] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef(at.step);
  const page: ScriptPage | undefined = at.over || at.step === '' ? undefined : pageOf(doc, at.step);
  const suggest = at.suggest || page?.suggest || '';
  useEffect(() => {
    if (suggest) onSuggest(suggest);
  }, [suggest, onSuggest]);
  useEffect(() => {
    setTrouble('');
    setPressed(false);
    if (shown.current === at.step) return;
    shown.current = at.step;
    // A new page begins at its top, for the eye and for who hears it; whoever writes elsewhere goes on writing.
    const title = box.current?.querySelector('h2');
    box.current?.parentElement?.scrollTo(0, 0);
    const here = document.activeElement;
    if (title && (!here || here === document.body || box.current?.contains(here))) title.focus({ preventScroll: true });
  }, [at.step]);

  const text = (s: Parameters<typeof localText>[0]) => fill(localText(s), pop, screen.agent.name, answers, at.values);
  const questions = page ? shownOf(page, at) : [];
  const unread = !!page?.disclosure && at.say && !(at.read ?? []).includes(page.id);
  const go = (step: string) => void run.command('script_go', { step }).then(setTrouble);
  // What keeps the page from being left may be out of sight.
  const bring = (testid: string) => {
    const part = [...(box.current?.querySelectorAll<HTMLElement>('[data-testid]') ?? [])].find((e) => e.dataset.testid === testid);
    part?.scrollIntoView({ block: 'nearest' });
    part?.querySelector<HTMLElement>('input, textarea')?.focus();
  };
  const next = async () => {
    if (!page || run.moving || !online) return;
    setPressed(true);
    const lacks = questions.find((q) => q.required && isEmpty(answers[q.id]));
    if (unread || lacks) return bring(unread ? 'disclosure' : `question-${lacks!.id}`);
    const follows = await run.flush(page.id);
    if (follows !== null) go(follows);
  };
  const back = before(at);
  const first = questions[0];
  const lettered = questions.length === 1 && first?.type === 'single' ? first : undefined;
  const keys: Keys = { enter: () => void next() };
  if (lettered && page) optionsOf(doc, lettered).slice(0, 8).forEach((o, i) => {
    keys['abcdefgh'[i]!] = () => run.set(page.id, lettered.id, o.value, 'now');
  });
  useKeys(keys);
  useActions({ back: back && online ? () => go(back) : undefined });

  const backButton = back !== '' && (
    <Button variant="subtle" color="gray" leftSection={<IconArrowBackUp size={16} />} disabled={!online} onClick={() => go(back)} title={keyText(map.back)} data-testid="script-back">
      {t('desk.script.back')}
    </Button>
  );
  if (!page) {
    return (
      <div data-testid="script-end">
        <Empty icon={<IconFlag size={34} stroke={1.4} />} title={t(at.over || at.step === '' ? 'desk.script.end' : 'desk.script.broken')} hint={t('desk.script.endHint')} action={backButton} />
      </div>
    );
  }
  const inside = at.stack?.at(-1);
  const last = !page.next?.length && !inside;
  return (
    <div ref={box} className={css.step} data-testid="script-step" data-step={page.id}>
      <div className={deskCss.progress} role="progressbar" aria-label={t('desk.script.progress')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(at.progress * 100)}>
        <div style={{ transform: `scaleX(${Math.max(0, Math.min(1, at.progress))})` }} />
      </div>
      <Earlier pop={pop} at={at} resume={() => void run.command('script_resume', {}).then(setTrouble)} />
      <h2 className={css.stepTitle} tabIndex={-1}>{inside && <>{localText(doc.subs?.find((s) => s.id === inside.sub)?.title)} › </>}{text(page.title) || t('desk.script.step', { n: (at.trail?.length ?? 0) + 1 })}</h2>
      <p className={css.say}>{text(page.text)}</p>
      {localText(page.hint) && <p className={deskCss.stepHint}>{text(page.hint)}</p>}
      {suggest && (
        <p className={css.suggest}><IconBulb size={16} aria-hidden />{t('desk.script.suggested', { name: dispositionName(pop.dispositions, suggest) })}</p>
      )}
      {page.disclosure && at.say && <Disclosure text={text(page.disclosure.text)} read={!unread} missed={pressed && unread} onRead={() => void run.command('script_read', { step: page.id }).then(setTrouble)} />}
      {questions.map((q) => (
        <Ask key={q.id} doc={doc} question={q} text={text(q.text)} value={answers[q.id]} lettered={q === lettered} onChange={(v, when) => run.set(page.id, q.id, v, when)}
          problem={run.problems[q.id] || (pressed && q.required && isEmpty(answers[q.id]) ? t('desk.script.required') : undefined)} />
      ))}
      {trouble && <p role="alert" className={css.missing}>{trouble}</p>}
      <div className={css.stepActions}>
        {!last && (
          <Button onClick={() => void next()} loading={run.moving} disabled={!online} rightSection={<Kbd size="xs" className={css.kbdOn}>Enter</Kbd>} data-testid="script-next">
            {t(inside?.objection && at.next === inside.return ? 'desk.script.return' : 'desk.script.next')}
          </Button>
        )}
        {backButton}
        <Aside doc={doc} go={go} />
      </div>
    </div>
  );
}

export function ScriptPlayer({ screen, pop, onSuggest }: { screen: Screen; pop: Pop; onSuggest: (code: string) => void }) {
  const { t } = useTranslation();
  const script = useScript(pop.script?.id, pop.script?.version);
  const none = !pop.script || !pop.script.version || /^[0-]*$/.test(pop.script.id);
  let body = <RowsSkeleton rows={4} />;
  if (none) body = <Empty title={t('desk.script.none')} />;
  else if (script.data) body = <Player doc={script.data.document} pop={pop} screen={screen} onSuggest={onSuggest} />;
  else if (script.isError) body = <Failed error={script.error} retry={() => void script.refetch()} />;
  return <section className={css.panel} aria-label={t('desk.script.title')} data-testid="script">{body}</section>;
}
