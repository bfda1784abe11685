import i18next from 'i18next';

/** The text that the server gives in both languages, in the reader's. */
export function inTongue(en: string, zh: string | undefined): string {
  return (i18next.language === 'zh-CN' && zh) || en;
}
