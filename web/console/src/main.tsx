import { StrictMode } from 'react';

import { createRoot } from 'react-dom/client';

import { look } from './api/session';
import { App } from './App';
import './theme/console.css';
import './theme/components.css';

look();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
