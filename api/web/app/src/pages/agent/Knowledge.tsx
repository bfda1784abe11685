import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconChevronLeft, IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { paragraphs, useArticles, wordsOf, type Article } from '../../api/articles';
import type { Pop } from '../../api/desk';
import { useScript } from '../../api/queries';
import css from './knowledge.module.css';
import { pageOf } from './script';

function useTopics(pop: Pop): string[] {
  const script = useScript(pop.script?.id, pop.script?.version);
  const doc = script.data?.document;
  if (!doc) return [];
  return pageOf(doc, pop.script_at?.step ?? doc.start)?.topics ?? [];
}

function Reader({ article, back }: { article: Article; back: () => void }) {
  const { t, i18n } = useTranslation();
  const { title, body } = wordsOf(article, i18n.language);
  return (
    <article className={css.article} data-testid="article" onKeyDown={(e) => {
      if (e.key !== 'Escape') return;
      e.stopPropagation();
      back();
    }}>
      <Button size="compact-xs" variant="subtle" leftSection={<IconChevronLeft size={14} />} onClick={back} autoFocus>{t('articles.back')}</Button>
      <h4>{title}</h4>
      {paragraphs(body).map((p, i) => <p key={i}>{p}</p>)}
    </article>
  );
}

function Found({ pop }: { pop: Pop }) {
  const { t, i18n } = useTranslation();
  const topics = useTopics(pop);
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const found = useArticles(q, topics, true);
  const [read, setRead] = useState<Article | null>(null);
  if (read) return <Reader article={read} back={() => setRead(null)} />;
  const wanted = new Set(topics.map((x) => x.trim().toLowerCase()));
  return (
    <>
      <TextInput size="xs" type="search" placeholder={t('articles.search')} aria-label={t('articles.search')} leftSection={<IconSearch size={14} />} maxLength={200} value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)} data-testid="article-search" />
      <ul className={css.list}>
        {(found.data ?? []).slice(0, 30).map((a) => (
          <li key={a.id}>
            <button type="button" className={css.open} onClick={() => setRead(a)} data-testid="article-open">
              {wordsOf(a, i18n.language).title}
              {a.topics.some((x) => wanted.has(x)) && <small>{t('articles.forPage')}</small>}
            </button>
          </li>
        ))}
      </ul>
      {found.data?.length === 0 && <small>{t('articles.none')}</small>}
    </>
  );
}

/** The knowledge base beside a call: articles for the present page of the script first, and a search. Nothing is asked while it is closed. */
export function Knowledge({ pop }: { pop: Pop }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDetailsElement>(null);
  // It opens below the edge of most windows.
  useEffect(() => {
    if (open) box.current?.scrollIntoView({ block: 'start' });
  }, [open]);
  return (
    <details ref={box} className={css.knowledge} onToggle={(e) => setOpen(e.currentTarget.open)} data-testid="knowledge">
      <summary>{t('articles.panel')}</summary>
      {open && <Found pop={pop} />}
    </details>
  );
}
