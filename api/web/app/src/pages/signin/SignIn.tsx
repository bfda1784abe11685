import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../../api/http';
import type { Language, User } from '../../api/types';
import { Brand } from '../../shell/brand';
import { LanguageMenu, SchemeMenu } from '../../shell/choices';
import css from './signin.module.css';

function Waves() {
  return (
    <svg className={css.waves} viewBox="0 0 1200 320" preserveAspectRatio="none" aria-hidden>
      <path className={css.wave1} d="M0 150c150-70 300-70 450 0s300 70 450 0 200-62 300-40v210H0z" />
      <path className={css.wave2} d="M0 215c170-60 310-55 470 0s310 60 460 0 190-40 270-28v133H0z" />
      <path className={css.wave3} d="M0 268c160-40 330-34 480 0s320 34 450 4 200-22 270-10v58H0z" />
    </svg>
  );
}

type Problem = 'wrong' | 'away' | 'throttled' | { message: string };

function problemOf(e: unknown): Problem {
  if (!(e instanceof ApiError)) return 'away';
  if (e.status === 0 || e.status >= 502) return 'away';
  if (e.status === 429) return 'throttled';
  if (e.status === 401 || e.status === 422) return 'wrong';
  return { message: e.message };
}

export function SignIn({ notice, onSignedIn }: { notice: string; onSignedIn: (u: User, picked: Language | null) => void }) {
  const [picked, setPicked] = useState<Language | null>(null);
  const { t } = useTranslation();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy || !login || !password) return;
    setBusy(true);
    setProblem(null);
    try {
      onSignedIn(await post<User>('/login', { login: login.trim().toLowerCase(), password }), picked);
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  const text = problem === null ? '' : typeof problem === 'string' ? t(`signin.${problem}`) : t('signin.failed', problem);
  return (
    <div className={css.page}>
      <Waves />
      <div className={css.tools}><SchemeMenu /><LanguageMenu onPick={setPicked} /></div>
      <main className={css.card}>
        <Brand size={34} />
        <Text className={css.tagline} c="dimmed" size="sm" mt={6} mb="lg">{t('app.tagline')}</Text>
        <form onSubmit={(e) => void submit(e)} aria-label={t('signin.title')}>
          <Stack gap="sm">
            {notice && !text && <Alert color="yellow" p="xs" role="status">{notice}</Alert>}
            {text && <Alert color="red" p="xs" role="alert" data-testid="signin-error">{text}</Alert>}
            <TextInput label={t('signin.login')} name="login" autoComplete="username" autoCapitalize="none" spellCheck={false}
              autoFocus required withAsterisk={false} size="md" value={login} onChange={(e) => setLogin(e.currentTarget.value)}
              data-testid="login" />
            <PasswordInput label={t('signin.password')} name="password" autoComplete="current-password" required
              withAsterisk={false} size="md" value={password} onChange={(e) => setPassword(e.currentTarget.value)}
              data-testid="password" />
            <Button type="submit" size="md" mt="xs" loading={busy} data-testid="signin">{t('signin.submit')}</Button>
          </Stack>
        </form>
      </main>
    </div>
  );
}
