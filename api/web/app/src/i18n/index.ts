import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../api/types';
import { load, save } from '../lib/storage';
import { agent as agentEN } from './en/agent';
import { callers as callersEN } from './en/callers';
import { codes as codesEN } from './en/codes';
import { common as commonEN } from './en/common';
import { deskform as deskformEN, unsaved as unsavedEN } from './en/deskform';
import { agenda as agendaEN, articles as articlesEN } from './en/knowledge';
import { experiments as experimentsEN } from './en/experiments';
import { quality as qualityEN } from './en/quality';
import { sales as salesEN } from './en/sales';
import { help as helpEN } from './en/help';
import { law as lawEN } from './en/law';
import { lawful as lawfulEN } from './en/lawful';
import { imports as importsEN } from './en/imports';
import { lists as listsEN } from './en/lists';
import { manage as manageEN } from './en/manage';
import { pacing as pacingEN } from './en/pacing';
import { phone as phoneEN } from './en/phone';
import { costs as costsEN, reports as reportsEN } from './en/reports';
import { room as roomEN } from './en/room';
import { scripts as scriptsEN } from './en/scripts';
import { segments as segmentsEN } from './en/segments';
import { steer as steerEN } from './en/steer';
import { talk as talkEN } from './en/talk';
import { tape as tapeEN } from './en/tape';
import { watch as watchEN } from './en/watch';
import { agent as agentZH } from './zh/agent';
import { callers as callersZH } from './zh/callers';
import { codes as codesZH } from './zh/codes';
import { common as commonZH } from './zh/common';
import { deskform as deskformZH, unsaved as unsavedZH } from './zh/deskform';
import { agenda as agendaZH, articles as articlesZH } from './zh/knowledge';
import { experiments as experimentsZH } from './zh/experiments';
import { quality as qualityZH } from './zh/quality';
import { sales as salesZH } from './zh/sales';
import { help as helpZH } from './zh/help';
import { law as lawZH } from './zh/law';
import { lawful as lawfulZH } from './zh/lawful';
import { imports as importsZH } from './zh/imports';
import { lists as listsZH } from './zh/lists';
import { manage as manageZH } from './zh/manage';
import { pacing as pacingZH } from './zh/pacing';
import { phone as phoneZH } from './zh/phone';
import { costs as costsZH, reports as reportsZH } from './zh/reports';
import { room as roomZH } from './zh/room';
import { scripts as scriptsZH } from './zh/scripts';
import { segments as segmentsZH } from './zh/segments';
import { steer as steerZH } from './zh/steer';
import { talk as talkZH } from './zh/talk';
import { tape as tapeZH } from './zh/tape';
import { watch as watchZH } from './zh/watch';

export const resources = {
  en: { translation: { ...commonEN, code: codesEN, desk: agentEN, callers: callersEN, phone: phoneEN, ...manageEN, lists: listsEN, imports: importsEN, costs: costsEN, reports: reportsEN, room: roomEN, scripts: scriptsEN, segments: segmentsEN, steer: steerEN, talk: talkEN, tape: tapeEN, watch: watchEN, deskform: deskformEN, unsaved: unsavedEN, agenda: agendaEN, articles: articlesEN, help: helpEN, quality: qualityEN, sales: salesEN, experiments: experimentsEN, ...lawEN, ...lawfulEN, ...pacingEN } },
  'zh-CN': { translation: { ...commonZH, code: codesZH, desk: agentZH, callers: callersZH, phone: phoneZH, ...manageZH, lists: listsZH, imports: importsZH, costs: costsZH, reports: reportsZH, room: roomZH, scripts: scriptsZH, segments: segmentsZH, steer: steerZH, talk: talkZH, tape: tapeZH, watch: watchZH, deskform: deskformZH, unsaved: unsavedZH, agenda: agendaZH, articles: articlesZH, help: helpZH, quality: qualityZH, sales: salesZH, experiments: experimentsZH, ...lawZH, ...lawfulZH, ...pacingZH } },
};

export const languages: { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh-CN', label: '简体中文' },
];

const KEY = 'dialtide.language';

export function firstLanguage(stored: unknown, preferred: readonly string[]): Language {
  if (stored === 'en' || stored === 'zh-CN') return stored;
  return preferred[0]?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

function apply(language: string): void {
  document.documentElement.lang = language;
}

export async function startI18n(): Promise<void> {
  const language = firstLanguage(load(KEY), navigator.languages);
  await i18next.use(initReactI18next).init({
    resources,
    lng: language,
    fallbackLng: 'en',
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  apply(language);
}

export function setLanguage(language: Language): void {
  save(KEY, language);
  apply(language);
  void i18next.changeLanguage(language);
}

/** The name of a server's code in the reader's language; an unknown code is shown as it is, in words. */
export function codeName(group: keyof typeof codesEN, code: string): string {
  const known = (codesEN[group] as Record<string, string>)[code];
  return known ? i18next.t(`code.${group}.${code}`) : code.replaceAll('_', ' ');
}
