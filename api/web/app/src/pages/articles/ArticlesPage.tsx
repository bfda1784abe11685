import { Button, Group, Modal, Stack, Table, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconNotebook, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useArticles, useDeleteArticle, useSaveArticle, wordsOf, type Article, type ArticleText } from '../../api/articles';
import { applyProblem } from '../../lib/form';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';

const fresh: ArticleText = { title_en: '', title_zh: '', body_en: '', body_zh: '', topics: [], status: 'draft' };

function Editor({ article, onClose }: { article: Article | null; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveArticle();
  const remove = useDeleteArticle();
  const [asking, setAsking] = useState(false);
  const [first] = useState(article);
  const form = useForm<ArticleText>({ initialValues: first ? { title_en: first.title_en, title_zh: first.title_zh, body_en: first.body_en, body_zh: first.body_zh, topics: first.topics, status: first.status } : fresh });
  const store = (status: ArticleText['status']) => save.mutate({ article: first, text: { ...form.values, status } }, {
    onSuccess: () => {
      toastOK(t('articles.saved'));
      onClose();
    },
    onError: (e) => applyProblem(form, e),
  });
  const drop = () => first && remove.mutate(first.id, {
    onSuccess: () => {
      toastOK(t('articles.removed'));
      onClose();
    },
    onError: toastProblem,
  });
  const other = form.values.status === 'draft' ? 'published' : 'draft';
  return (
    <Modal opened onClose={onClose} size="xl" title={t(first ? 'articles.edit' : 'articles.create')} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={form.onSubmit((v) => store(v.status))} noValidate>
        <Stack gap="sm">
          <Group grow align="flex-start">
            <TextInput label={t('articles.titleEN')} maxLength={200} data-autofocus {...form.getInputProps('title_en')} data-testid="article-title-en" />
            <TextInput label={t('articles.titleZH')} maxLength={200} {...form.getInputProps('title_zh')} data-testid="article-title-zh" />
          </Group>
          <Group grow align="flex-start">
            <Textarea label={t('articles.bodyEN')} description={t('articles.bodyHint')} autosize minRows={8} maxRows={18} maxLength={20000} {...form.getInputProps('body_en')} data-testid="article-body-en" />
            <Textarea label={t('articles.bodyZH')} description={t('articles.bodyHint')} autosize minRows={8} maxRows={18} maxLength={20000} {...form.getInputProps('body_zh')} data-testid="article-body-zh" />
          </Group>
          <TagsInput label={t('articles.topics')} description={t('articles.topicsHint')} maxTags={20} acceptValueOnBlur {...form.getInputProps('topics')} data-testid="article-topics" />
          <Group justify="space-between">
            {first ? <Button variant="subtle" color="red" onClick={() => setAsking(true)}>{t('articles.remove')}</Button> : <span />}
            <Group>
              <Button variant="default" loading={save.isPending} onClick={() => store(other)} data-testid="article-status">{t(other === 'published' ? 'articles.publish' : 'articles.withdraw')}</Button>
              <Button type="submit" loading={save.isPending} data-testid="article-save">{t('articles.save')}</Button>
            </Group>
          </Group>
        </Stack>
      </form>
      <Confirm opened={asking} title={t('articles.removeAsk')} action={t('articles.remove')} danger busy={remove.isPending} onConfirm={drop} onClose={() => setAsking(false)} />
    </Modal>
  );
}

/** An article as agents see it. */
function Reader({ article, onClose }: { article: Article; onClose: () => void }) {
  const { i18n } = useTranslation();
  const words = wordsOf(article, i18n.language);
  return (
    <Modal opened onClose={onClose} size="lg" title={words.title} data-testid="article-reader">
      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{words.body}</Text>
    </Modal>
  );
}

/** The knowledge base: for those who write it, and to read for the others. */
export default function ArticlesPage() {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const writes = may(useUser(), 'manage');
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const found = useArticles(q);
  const [edited, setEdited] = useState<Article | 'new' | null>(null);
  const create = <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')} data-testid="article-create">{t('articles.create')}</Button>;
  return (
    <Page title={t('articles.title')} actions={writes && create}>
      <Panel aside={<TextInput size="xs" w={240} type="search" placeholder={t('articles.search')} aria-label={t('articles.search')} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} leftSection={<IconSearch size={14} />} />}>
        <Load query={found} empty={(a) => a.length === 0} whenEmpty={<Empty icon={<IconNotebook size={36} stroke={1.4} />} title={t('articles.none')} hint={t('articles.noneHint')} />}>
          {(all) => (
            <Scroll>
              <Table>
                <Table.Thead><Table.Tr><Table.Th>{t('articles.panel')}</Table.Th><Table.Th>{t('articles.topics')}</Table.Th><Table.Th>{t('articles.status')}</Table.Th><Table.Th>{t('articles.changed')}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {all.map((a) => (
                    <Table.Tr key={a.id} data-testid="article-row">
                      <Table.Td><Button variant="subtle" size="compact-sm" onClick={() => setEdited(a)}>{wordsOf(a, i18n.language).title}</Button></Table.Td>
                      <Table.Td>{a.topics.join(', ')}</Table.Td>
                      <Table.Td><StatePill state={a.status === 'published' ? 'good' : 'plain'}>{t(a.status === 'published' ? 'articles.published' : 'articles.draft')}</StatePill></Table.Td>
                      <Table.Td>{f.dateTime(a.updated_at)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      {edited && edited !== 'new' && !writes && <Reader article={edited} onClose={() => setEdited(null)} />}
      {edited && writes && <Editor key={edited === 'new' ? 'new' : edited.id} article={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Page>
  );
}
