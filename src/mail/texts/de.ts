import type { Language } from './mail-words.ts';

export const GERMAN: Language = {
  greeting: 'Guten Tag {fullname},',
  plainGreeting: 'Guten Tag,',
  otherAddress: 'eine andere Adresse',
  validFor: 'Der Link gilt {duration}.',
  codeValidFor: 'Der Code gilt {duration}.',
  copyLink: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
  durations: { minutes: '{count} Minuten', hours: '{count} Stunden', days: '{count} Tage' },
  kinds: {
    verify_email: {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {organization}',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat sich bei {organization} mit {email} registriert. Bestätigen Sie, dass diese Adresse Ihnen gehört.',
      ],
      action: 'Adresse bestätigen',
      closing: 'Waren Sie es nicht, beachten Sie diese Mail nicht: Ohne Bestätigung wird die Adresse nicht verwendet.',
    },
    reset_password: {
      subject: 'Neues Passwort für {organization}',
      paragraphs: ['Jemand, hoffentlich Sie, möchte bei {organization} ein neues Passwort für {email}.'],
      action: 'Neues Passwort setzen',
      closing: 'Waren Sie es nicht, beachten Sie diese Mail nicht: Ihr Passwort bleibt, wie es ist.',
    },
    invite: {
      subject: 'Ihr Konto bei {organization}',
      paragraphs: [
        'Für {email} wurde ein Konto bei {organization} angelegt. Wählen Sie ein Passwort, um es zu benutzen.',
      ],
      action: 'Passwort wählen',
      closing: 'Erwarten Sie das nicht, beachten Sie diese Mail nicht.',
    },
    change_email: {
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse für {organization}',
      paragraphs: [
        'Ein Konto bei {organization} soll künftig {new_email} verwenden. Bestätigen Sie, dass diese Adresse Ihnen gehört.',
      ],
      action: 'Neue Adresse bestätigen',
      closing: 'Waren Sie es nicht, beachten Sie diese Mail nicht: Das Konto behält seine bisherige Adresse.',
    },
    email_change_warning: {
      subject: 'Ihre E-Mail-Adresse bei {organization} soll geändert werden',
      paragraphs: [
        'Jemand, hoffentlich Sie, möchte die Adresse Ihres Kontos bei {organization} von {email} auf {new_email} ändern.',
        'Waren Sie es, ist nichts zu tun. Wenn nicht, halten Sie es auf: Ihre Adresse bleibt oder kommt zurück, und alle werden abgemeldet.',
      ],
      action: 'Das war ich nicht',
      closing: 'Setzen Sie dann ein neues Passwort: Wer das getan hat, kennt vielleicht das jetzige.',
    },
    password_was_reset: {
      subject: 'Ihr Passwort für {organization} wurde geändert',
      paragraphs: [
        'Das Passwort von {email} bei {organization} wurde über einen Link aus einer Mail neu gesetzt, und alle wurden abgemeldet.',
      ],
      action: null,
      closing: 'Waren Sie es nicht, setzen Sie sofort ein neues Passwort, und prüfen Sie, wer Ihre Mails noch liest.',
    },
    email_was_changed: {
      subject: 'Ihre E-Mail-Adresse bei {organization} wurde geändert',
      paragraphs: ['Die Adresse Ihres Kontos bei {organization} ist jetzt {new_email}.'],
      action: null,
      closing: 'Waren Sie es nicht, benutzen Sie den Link in der Mail, die Sie davor gewarnt hat.',
    },
    login_code: {
      subject: 'Ihr Code für {organization}',
      paragraphs: ['Melden Sie sich bei {organization} mit diesem Code an:', '{code}'],
      action: null,
      closing: 'Waren Sie es nicht, beachten Sie diese Mail nicht, und nennen Sie den Code niemandem.',
    },
    second_factor_code: {
      subject: 'Ihr Code für {organization}',
      paragraphs: [
        'Jemand, hoffentlich Sie, meldet sich bei {organization} als {email} an. Dieser Code schließt die Anmeldung ab:',
        '{code}',
      ],
      action: null,
      closing:
        'Waren Sie es nicht, kennt jemand Ihr Passwort: Setzen Sie ein neues, und nennen Sie den Code niemandem.',
    },
    password_changed: {
      subject: 'Ihr Passwort für {organization} wurde geändert',
      paragraphs: ['Das Passwort von {email} bei {organization} wurde geändert.'],
      action: 'Das war ich nicht',
      closing:
        'Waren Sie es, ist nichts zu tun. Wenn nicht, benutzen Sie den Link: Alle werden abgemeldet, und mit einer Mail können Sie ein neues Passwort festlegen.',
    },
    second_factor_enabled: {
      subject: 'Anmeldung in zwei Schritten bei {organization} ist eingeschaltet',
      paragraphs: [
        'Von jetzt an braucht eine Anmeldung von {email} bei {organization} einen Code einer Authenticator-App.',
      ],
      action: 'Das war ich nicht',
      closing:
        'Waren Sie es, ist nichts zu tun. Wenn nicht, benutzen Sie den Link: Alle werden abgemeldet, und mit einer Mail können Sie ein neues Passwort festlegen. Bitten Sie dann {organization}, die App von Ihrem Konto zu nehmen.',
    },
    second_factor_disabled: {
      subject: 'Anmeldung in zwei Schritten bei {organization} ist ausgeschaltet',
      paragraphs: ['Von jetzt an braucht eine Anmeldung von {email} bei {organization} nur noch das Passwort.'],
      action: 'Das war ich nicht',
      closing:
        'Waren Sie es, ist nichts zu tun. Wenn nicht, benutzen Sie den Link: Alle werden abgemeldet, und mit einer Mail können Sie ein neues Passwort festlegen.',
    },
    recovery_codes_replaced: {
      subject: 'Ihre Wiederherstellungscodes für {organization} sind neu',
      paragraphs: [
        'Die Wiederherstellungscodes von {email} bei {organization} wurden ersetzt. Die vorigen öffnen nichts mehr.',
      ],
      action: 'Das war ich nicht',
      closing:
        'Waren Sie es, ist nichts zu tun. Wenn nicht, benutzen Sie den Link: Alle werden abgemeldet, und mit einer Mail können Sie ein neues Passwort festlegen.',
    },
    recovery_code_used: {
      subject: 'Ein Wiederherstellungscode von Ihnen wurde bei {organization} benutzt',
      paragraphs: [
        'Jemand, hoffentlich Sie, hat sich bei {organization} als {email} mit einem Wiederherstellungscode angemeldet.',
      ],
      action: 'Das war ich nicht',
      closing:
        'Waren Sie es, ist nichts zu tun. Wenn nicht, benutzen Sie den Link: Alle werden abgemeldet, und mit einer Mail können Sie ein neues Passwort festlegen.',
    },
  },
};
