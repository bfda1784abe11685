import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put } from './http';

export interface Article {
  id: string;
  title_en: string;
  title_zh: string;
  body_en: string;
  body_zh: string;
  topics: string[];
  status: 'draft' | 'published';
  revision: number;
  updated_at: string;
}

export type ArticleText = Omit<Article, 'id' | 'revision' | 'updated_at'>;

/** Articles that fit the words; those of the topics come first, or, without words, are the only ones. */
export const useArticles = (q: string, topics: string[] = [], prefer = false, enabled = true) =>
  useQuery({
    queryKey: ['articles', q, topics, prefer],
    queryFn: async () => {
      const p = new URLSearchParams();
      if (q.trim()) p.set('q', q.trim());
      topics.slice(0, 20).forEach((topic) => p.append('topic', topic));
      if (prefer) p.set('prefer', 'true');
      return (await get<{ items: Article[] }>(`/articles?${p.toString()}`)).items;
    },
    enabled,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export function useSaveArticle() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ article, text }: { article: Article | null; text: ArticleText }) =>
      article ? put<Article>(`/articles/${article.id}`, { ...text, revision: article.revision }) : post<Article>('/articles', text),
    onSuccess: () => client.invalidateQueries({ queryKey: ['articles'] }),
  });
}

export function useDeleteArticle() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (id: string) => del(`/articles/${id}`), onSuccess: () => client.invalidateQueries({ queryKey: ['articles'] }) });
}

/** Title and text in the reader's language, else in the one that is there. */
export function wordsOf(a: Article, language: string): { title: string; body: string } {
  const zh = language === 'zh-CN';
  return { title: (zh ? a.title_zh : a.title_en) || a.title_en || a.title_zh, body: (zh ? a.body_zh : a.body_en) || a.body_en || a.body_zh };
}

/** Paragraphs of a plain text. */
export function paragraphs(text: string): string[] {
  return text.split(/\n\s*\n/).map((p) => p.trim()).filter(Boolean);
}
