import { describe, expect, it } from 'vitest';
import { paragraphs, wordsOf, type Article } from './articles';

const a: Article = { id: '1', title_en: 'Price', title_zh: '', body_en: 'one', body_zh: '一', topics: [], status: 'published', revision: 1, updated_at: '' };

describe('articles', () => {
  it('are read in the reader\'s language, else in the one that is there', () => {
    expect(wordsOf(a, 'zh-CN')).toEqual({ title: 'Price', body: '一' });
    expect(wordsOf(a, 'en')).toEqual({ title: 'Price', body: 'one' });
    expect(wordsOf({ ...a, title_en: '', title_zh: '价格', body_en: '' }, 'en')).toEqual({ title: '价格', body: '一' });
  });

  it('have paragraphs where lines are empty, and nothing in them is markup', () => {
    expect(paragraphs('a\nb\n\n \n<b>c</b>\n')).toEqual(['a\nb', '<b>c</b>']);
    expect(paragraphs(' \n')).toEqual([]);
  });
});
