import { Modal } from 'antd';

import { SignInForm } from '../pages/sign-in/SignInForm';
import { useMessages } from '../i18n/messages';
import { messages } from './messages';

/** Over the page, which stays as it is with all that was typed. */
export default function SignInAgain() {
  const t = useMessages(messages);
  return (
    <Modal open title={t.expired} footer={null} closable={false} mask={{ closable: false }} keyboard={false} width={400}>
      <p className="muted">{t.expiredHint}</p>
      <SignInForm />
    </Modal>
  );
}
