import { Alert, Button, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScriptDoc } from '../../api/desk';
import { problemText } from '../../i18n/problem';
import { localText } from '../agent/names';
import { checkDoc, type Fault } from './api';
import { sound } from './edit';
import css from './scripts.module.css';
import { saveFile } from './saveFile';

type Form = 'text' | 'json';

interface Props {
  name: string;
  doc: ScriptDoc;
  readOnly: boolean;
  onChange: (doc: ScriptDoc) => void;
}

/** The document as text or JSON. What can be read is taken into the draft a moment after typing. */
export function TextView({ name, doc, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const [form, setForm] = useState<Form>('text');
  const [source, setSource] = useState('');
  const [faults, setFaults] = useState<Fault[]>([]);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [unread, setUnread] = useState(false);
  const taken = useRef<ScriptDoc | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const asked = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // What changed elsewhere (undo, another form) is written anew; one's own typing is left as it stands.
  useEffect(() => {
    if (doc === taken.current) return;
    const mine = ++asked.current;
    if (form === 'json') setSource(JSON.stringify(doc, null, 2));
    checkDoc({ body: doc }).then((c) => {
      if (mine !== asked.current) return;
      if (form === 'text') setSource(c.text ?? '');
      setFaults(form === 'json' ? c.problems : []);
      setUnread(false);
      setTrouble(null);
      // Lines are those of the text: asked once more in that form.
      if (form === 'text' && c.text) return checkDoc({ text: c.text }).then((x) => mine === asked.current && setFaults(x.problems));
    }).catch((e: unknown) => mine === asked.current && setTrouble(e));
  }, [doc, form]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const read = (value: string) => {
    const mine = ++asked.current;
    let body: unknown;
    if (form === 'json') {
      try {
        body = JSON.parse(value);
      } catch (e) {
        setUnread(true);
        setFaults([{ path: '', code: 'json', reason: String((e as Error).message), text: '' }]);
        return;
      }
    }
    checkDoc(form === 'json' ? { body } : { text: value }).then((c) => {
      if (mine !== asked.current) return;
      setFaults(c.problems);
      setTrouble(null);
      setUnread(!c.document);
      if (!c.document) return;
      taken.current = sound(c.document);
      onChange(taken.current);
    }, (e: unknown) => mine === asked.current && setTrouble(e));
  };
  const typed = (value: string) => {
    setSource(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => read(value), 700);
  };
  const goTo = (line: number) => {
    const el = area.current;
    if (!el) return;
    const lines = source.split('\n');
    const from = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
    el.focus();
    el.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    el.scrollTop = Math.max(0, (line - 6) * 20);
  };
  const download = async (as: Form) => {
    const out = as === 'json' ? JSON.stringify(doc, null, 2) : ((await checkDoc({ body: doc }).catch(() => null))?.text ?? '');
    saveFile(`${name || 'script'}.${as === 'json' ? 'json' : 'txt'}`, out);
  };
  return (
    <div className={css.textView}>
      <div className={css.tools}>
        <SegmentedControl size="xs" value={form} aria-label={t('scripts.form')} data={[{ value: 'text', label: t('scripts.readable') }, { value: 'json', label: 'JSON' }]} data-testid="text-form"
          onChange={(v) => {
            taken.current = null;
            setForm(v as Form);
          }} />
        <span style={{ flex: 1 }} />
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} />} onClick={() => void download('text')}>{t('scripts.downloadText')}</Button>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} />} onClick={() => void download('json')}>{t('scripts.downloadJSON')}</Button>
      </div>
      {trouble ? <Alert color="red" p="xs" role="alert">{problemText(trouble)}</Alert> : null}
      {unread && <Alert color="yellow" p="xs" role="status">{t('scripts.unread')}</Alert>}
      {faults.length > 0 && (
        <ul className={css.lineFaults} aria-label={t('scripts.problems')} data-testid="line-problems">
          {faults.slice(0, 30).map((f, i) => (
            <li key={i}>{f.line ? <button type="button" onClick={() => goTo(f.line!)}><b>{t('scripts.line', { n: f.line })}</b> {localText(f.text) || f.reason}</button> : <><code>{f.path}</code> {localText(f.text) || f.reason}</>}</li>
          ))}
        </ul>
      )}
      <textarea ref={area} className={css.source} aria-label={t(form === 'json' ? 'scripts.asJSON' : 'scripts.readable')} spellCheck={false} readOnly={readOnly} value={source} onChange={(e) => typed(e.currentTarget.value)} data-testid="source" />
    </div>
  );
}
