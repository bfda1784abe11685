import { Alert, Button, Group, Menu, SegmentedControl, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconBulb, IconFlag, IconMessageReport, IconPencil, IconRefresh } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Question, ScriptDoc } from '../../api/desk';
import type { Language } from '../../api/types';
import { problemText } from '../../i18n/problem';
import { Empty, Panel } from '../../ui/ui';
import agentCss from '../agent/agent.module.css';
import deskCss from '../agent/desk.module.css';
import { localText } from '../agent/names';
import { Ask } from '../agent/Questions';
import { menu, objections } from '../agent/script';
import { play, type Play, type Played, type View } from './api';
import css from './scripts.module.css';

interface Contact { name: string; phone: string; zone: string; fields: string; segments: string[]; now: string }

const MADE_UP: Contact = { name: '王小明 Wang', phone: '+8613800138000', zone: 'Asia/Shanghai', fields: 'plan=Premium\ncity=Shanghai', segments: [], now: '' };

/** "name=value" lines as fields of a contact. */
export const fieldsOf = (text: string): Record<string, string> =>
  Object.fromEntries(text.split('\n').map((l) => l.split('=')).filter(([k, ...v]) => k?.trim() && v.length).map(([k, ...v]) => [k!.trim(), v.join('=').trim()]));

function ContactForm({ value, onChange }: { value: Contact; onChange: (c: Contact) => void }) {
  const { t } = useTranslation();
  const set = (c: Partial<Contact>) => onChange({ ...value, ...c });
  return (
    <div className={css.form}>
      <TextInput size="xs" label={t('scripts.contactName')} value={value.name} onChange={(e) => set({ name: e.currentTarget.value })} />
      <TextInput size="xs" label={t('board.number')} value={value.phone} onChange={(e) => set({ phone: e.currentTarget.value })} />
      <Textarea size="xs" label={t('scripts.contactFields')} description={t('scripts.contactFieldsHint')} autosize minRows={2} maxRows={8} value={value.fields} classNames={{ input: css.mono }} onChange={(e) => set({ fields: e.currentTarget.value })} />
      <TagsInput size="xs" label={t('segments.title')} value={value.segments} onChange={(segments) => set({ segments })} />
      <TextInput size="xs" label={t('scripts.contactZone')} value={value.zone} onChange={(e) => set({ zone: e.currentTarget.value })} />
      <TextInput size="xs" type="datetime-local" label={t('scripts.now')} description={t('scripts.nowHint')} value={value.now} onChange={(e) => set({ now: e.currentTarget.value })} />
    </div>
  );
}

interface Asked { act?: Play['act']; step?: string; position: Played['at'] | null; answers: Record<string, unknown> }

/** Plays the draft on the server; each answer comes back with what is shown and where it leads. */
function usePlay(doc: ScriptDoc, contact: Contact, language: Language) {
  const [played, setPlayed] = useState<Played | null>(null);
  const [answers, setAnswers] = useState<Record<string, unknown>>({});
  const [error, setError] = useState<unknown>(null);
  const turn = useRef(0);
  const given = useRef({ doc, contact, language, answers });
  given.current = { doc, contact, language, answers };
  const place = useRef<Played['at'] | null>(null);
  const acting = useRef(Promise.resolve());
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  const ask = useCallback(async (a: Asked) => {
    const mine = ++turn.current;
    const { doc, contact, language } = given.current;
    const { fields, segments, now, ...who } = contact;
    const at = now && !Number.isNaN(Date.parse(now)) ? new Date(now).toISOString() : undefined;
    try {
      const p = await play({ body: doc, ...a, contact: { ...who, fields: fieldsOf(fields) }, agent: 'Li Hua', campaign: 'Preview', segments, ...(at && { now: at }), language });
      if (mine !== turn.current) return;
      place.current = p.at;
      setPlayed(p);
      setError(null);
    } catch (e) {
      if (mine === turn.current) setError(e);
    }
  }, []);
  const at = played?.at ?? null;
  // An act takes the answers along: the look that they are due is not needed any more, and would make its reply an old one.
  const go = useCallback((a: Asked) => {
    clearTimeout(pending.current);
    acting.current = ask(a);
  }, [ask]);
  const act = (what: Play['act'], step?: string) => go({ act: what, step, position: at, answers });
  const begin = useCallback(() => {
    setAnswers({});
    go({ act: 'begin', position: null, answers: {} });
  }, [go]);
  useEffect(() => {
    const look = async () => {
      for (let before; before !== acting.current;) await (before = acting.current); // of a second act too
      await ask({ act: place.current ? 'look' : 'begin', position: place.current, answers: given.current.answers });
    };
    pending.current = setTimeout(() => void look(), 250);
    return () => clearTimeout(pending.current);
  }, [doc, contact, language, answers, ask]);
  const answer = (question: string, value: unknown) => setAnswers((now) => {
    const next = { ...now, [question]: value };
    if (value === null) delete next[question];
    return next;
  });
  return { played, answers, error, act, begin, answer };
}

function PlayedPage({ doc, view, run }: { doc: ScriptDoc; view: View; run: ReturnType<typeof usePlay> }) {
  const { t } = useTranslation();
  const { played, answers } = run;
  const { at, refused, problems } = played!;
  const own = new Map(doc.steps.flatMap((s) => (s.questions ?? []).map((q) => [q.id, q] as const)));
  const missing = new Set(refused ? (at.missing ?? []).flatMap((m) => m.question ?? []) : []);
  const unread = (at.missing ?? []).some((m) => m.code === 'unread');
  const read = (at.read ?? []).includes(at.step);
  const suggest = at.suggest || view.suggest;
  return (
    <div data-testid="played" data-step={view.id}>
      <h2 className={agentCss.stepTitle}>{view.title || view.id}</h2>
      <p className={agentCss.say}>{view.text}</p>
      {view.hint && <p className={deskCss.stepHint}>{view.hint}</p>}
      {suggest && <p className={agentCss.suggest}><IconBulb size={16} aria-hidden />{t('scripts.suggests', { code: suggest })}</p>}
      {view.disclosure && at.say && (
        <div className={deskCss.disclosure} data-read={read || undefined}>
          <p>{view.disclosure}</p>
          <label className={agentCss.option} data-checked={read || undefined}><input type="checkbox" checked={read} disabled={read} onChange={() => run.act('read')} /><span>{t('desk.script.read')}</span></label>
        </div>
      )}
      {(view.questions ?? []).map((v) => {
        const q = { ...own.get(v.id), ...v, hint: v.hint } as Question;
        const wrong = problems?.find((p) => p.question === v.id);
        return <Ask key={v.id} doc={doc} question={q} text={v.text} value={answers[v.id]} onChange={(value) => run.answer(v.id, value)} problem={wrong ? wrong.reason : missing.has(v.id) ? t('desk.script.required') : undefined} />;
      })}
      {refused && unread && <p role="alert" className={agentCss.missing}>{t('desk.script.unread')}</p>}
      {refused && !unread && missing.size === 0 && <p role="alert" className={agentCss.missing}>{refused}</p>}
    </div>
  );
}

/** The draft as an agent would see it, with a made-up contact. */
export function Preview({ doc, onEdit }: { doc: ScriptDoc; onEdit: (page: string) => void }) {
  const { t, i18n } = useTranslation();
  const [contact, setContact] = useState(MADE_UP);
  const [language, setLanguage] = useState<Language>(i18n.language as Language);
  const run = usePlay(doc, contact, language);
  const { played, error } = run;
  const at = played?.at;
  const jumps = menu(doc);
  const against = objections(doc);
  const next = at?.next ? localText(doc.steps.find((s) => s.id === at.next)?.title) || at.next : t('scripts.end');
  const trail = at?.trail ?? [];
  const bar = (
    <>
      <SegmentedControl size="xs" value={language} onChange={(l) => setLanguage(l as Language)} aria-label={t('ui.language')} data={[{ value: 'en', label: t('scripts.en') }, { value: 'zh-CN', label: t('scripts.zh') }]} data-testid="preview-language" />
      <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={run.begin} data-testid="preview-restart">{t('scripts.restart')}</Button>
      {at?.step && <Button size="xs" variant="default" leftSection={<IconPencil size={14} />} onClick={() => onEdit(at.step)}>{t('scripts.editPage')}</Button>}
    </>
  );
  return (
    <div className={css.preview}>
      <Panel title={t('scripts.tab.preview')} aside={<Group gap={8}>{bar}</Group>} testid="preview">
        <div className={css.played}>
          {error ? <Alert color="red" p="xs" role="alert">{problemText(error)}</Alert> : null}
          {played && !played.view && <Empty icon={<IconFlag size={34} stroke={1.4} />} title={t('desk.script.end')} hint={at?.suggest && t('scripts.suggests', { code: at.suggest })} />}
          {played?.view && <PlayedPage doc={doc} view={played.view} run={run} />}
          {at && (
            <Group gap={8} mt="md">
              {!at.over && at.step && <Button onClick={() => run.act('next')} data-testid="preview-next">{t('scripts.goesTo', { page: next })}</Button>}
              {trail.length > 0 && <Button variant="subtle" color="gray" leftSection={<IconArrowBackUp size={16} />} onClick={() => run.act('back')} data-testid="preview-back">{t('desk.script.back')}</Button>}
              {against.length > 0 && !at.over && (
                <Menu withinPortal>
                  <Menu.Target><Button variant="default" leftSection={<IconMessageReport size={16} />}>{t('desk.script.objections')}</Button></Menu.Target>
                  <Menu.Dropdown>{against.map((s) => <Menu.Item key={s.id} onClick={() => run.act('go', s.id)}>{localText(s.title) || s.id}</Menu.Item>)}</Menu.Dropdown>
                </Menu>
              )}
              {jumps.length > 0 && !at.over && (
                <Menu withinPortal>
                  <Menu.Target><Button variant="subtle" color="gray">{t('desk.script.jump')}</Button></Menu.Target>
                  <Menu.Dropdown>{jumps.map((s) => <Menu.Item key={s.id} onClick={() => run.act('go', s.id)}>{localText(s.title) || s.id}</Menu.Item>)}</Menu.Dropdown>
                </Menu>
              )}
            </Group>
          )}
          {trail.length > 0 && <p className={css.soft}>{t('scripts.wayHere')}: {[...trail.map((x) => x.step), at?.over ? t('scripts.end') : at?.step].join(' → ')}</p>}
          {at?.values && Object.keys(at.values).length > 0 && <p className={css.soft}>{t('scripts.values')}: {Object.entries(at.values).map(([k, v]) => `${k} = ${v}`).join(', ')}</p>}
        </div>
      </Panel>
      <Panel title={t('scripts.madeUp')}><ContactForm value={contact} onChange={setContact} /></Panel>
    </div>
  );
}
