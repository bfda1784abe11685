import { Button, Stack, Text, Title } from '@mantine/core';
import i18next from 'i18next';
import { Component, type ErrorInfo, type ReactNode } from 'react';

/** The last net: an error while rendering shows a way out instead of a blank page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Stack align="center" justify="center" h="100vh" p="xl" role="alert">
        <Title order={2}>{i18next.t('state.title')}</Title>
        <Text maw={460} ta="center">{i18next.t('state.crash')}</Text>
        <Button onClick={() => location.reload()}>{i18next.t('state.reload')}</Button>
      </Stack>
    );
  }
}
