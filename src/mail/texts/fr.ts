import type { Language } from './mail-words.ts';

export const FRENCH: Language = {
  greeting: 'Bonjour {fullname},',
  plainGreeting: 'Bonjour,',
  otherAddress: 'une autre adresse',
  validFor: 'Le lien est valable {duration}.',
  codeValidFor: 'Le code est valable {duration}.',
  copyLink: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :',
  durations: { minutes: '{count} minutes', hours: '{count} heures', days: '{count} jours' },
  kinds: {
    verify_email: {
      subject: 'Confirmez votre adresse e-mail pour {organization}',
      paragraphs: [
        'Quelqu’un, vous sans doute, s’est inscrit chez {organization} avec {email}. Confirmez que cette adresse est la vôtre.',
      ],
      action: 'Confirmer l’adresse',
      closing: 'Si ce n’était pas vous, ignorez ce message : sans confirmation, l’adresse n’est pas utilisée.',
    },
    reset_password: {
      subject: 'Nouveau mot de passe pour {organization}',
      paragraphs: ['Quelqu’un, vous sans doute, a demandé chez {organization} un nouveau mot de passe pour {email}.'],
      action: 'Définir un nouveau mot de passe',
      closing: 'Si ce n’était pas vous, ignorez ce message : votre mot de passe reste le même.',
    },
    invite: {
      subject: 'Votre compte chez {organization}',
      paragraphs: [
        'Un compte chez {organization} a été créé pour {email}. Choisissez un mot de passe pour l’utiliser.',
      ],
      action: 'Choisir un mot de passe',
      closing: 'Si vous ne vous y attendiez pas, ignorez ce message.',
    },
    change_email: {
      subject: 'Confirmez votre nouvelle adresse e-mail pour {organization}',
      paragraphs: [
        'Un compte chez {organization} doit désormais utiliser {new_email}. Confirmez que cette adresse est la vôtre.',
      ],
      action: 'Confirmer la nouvelle adresse',
      closing: 'Si ce n’était pas vous, ignorez ce message : le compte garde son adresse actuelle.',
    },
    email_change_warning: {
      subject: 'Votre adresse e-mail chez {organization} va changer',
      paragraphs: [
        'Quelqu’un, vous sans doute, veut changer l’adresse de votre compte chez {organization} de {email} en {new_email}.',
        'Si c’était vous, il n’y a rien à faire. Sinon, arrêtez cela : votre adresse reste ou revient, et toutes les sessions sont fermées.',
      ],
      action: 'Ce n’était pas moi',
      closing: 'Définissez ensuite un nouveau mot de passe : la personne connaît peut-être l’actuel.',
    },
    password_was_reset: {
      subject: 'Votre mot de passe pour {organization} a été changé',
      paragraphs: [
        'Le mot de passe de {email} chez {organization} a été redéfini par un lien reçu par e-mail, et toutes les sessions ont été fermées.',
      ],
      action: null,
      closing:
        'Si ce n’était pas vous, définissez tout de suite un nouveau mot de passe et vérifiez qui d’autre lit vos messages.',
    },
    email_was_changed: {
      subject: 'Votre adresse e-mail chez {organization} a été changée',
      paragraphs: ['L’adresse de votre compte chez {organization} est maintenant {new_email}.'],
      action: null,
      closing: 'Si ce n’était pas vous, utilisez le lien du message qui vous en a averti.',
    },
    login_code: {
      subject: 'Votre code pour {organization}',
      paragraphs: ['Connectez-vous chez {organization} avec ce code :', '{code}'],
      action: null,
      closing: 'Si ce n’était pas vous, ignorez ce message et ne donnez le code à personne.',
    },
    second_factor_code: {
      subject: 'Votre code pour {organization}',
      paragraphs: [
        'Quelqu’un, vous espérons-le, se connecte chez {organization} en tant que {email}. Ce code termine la connexion :',
        '{code}',
      ],
      action: null,
      closing:
        'Si ce n’était pas vous, quelqu’un connaît votre mot de passe : choisissez-en un autre et ne donnez le code à personne.',
    },
    password_changed: {
      subject: 'Votre mot de passe pour {organization} a été changé',
      paragraphs: ['Le mot de passe de {email} chez {organization} a été changé.'],
      action: 'Ce n’était pas moi',
      closing:
        'Si c’était vous, il n’y a rien à faire. Sinon, utilisez le lien : tout le monde est déconnecté, et un message vous permet de choisir un nouveau mot de passe.',
    },
    second_factor_enabled: {
      subject: 'La connexion en deux étapes chez {organization} est activée',
      paragraphs: [
        'Désormais, une connexion de {email} chez {organization} demande un code d’une application d’authentification.',
      ],
      action: 'Ce n’était pas moi',
      closing:
        'Si c’était vous, il n’y a rien à faire. Sinon, utilisez le lien : tout le monde est déconnecté, et un message vous permet de choisir un nouveau mot de passe. Demandez ensuite à {organization} de retirer l’application de votre compte.',
    },
    second_factor_disabled: {
      subject: 'La connexion en deux étapes chez {organization} est désactivée',
      paragraphs: ['Désormais, une connexion de {email} chez {organization} ne demande que le mot de passe.'],
      action: 'Ce n’était pas moi',
      closing:
        'Si c’était vous, il n’y a rien à faire. Sinon, utilisez le lien : tout le monde est déconnecté, et un message vous permet de choisir un nouveau mot de passe.',
    },
    recovery_codes_replaced: {
      subject: 'Vos codes de récupération pour {organization} sont nouveaux',
      paragraphs: [
        'Les codes de récupération de {email} chez {organization} ont été remplacés. Les précédents n’ouvrent plus rien.',
      ],
      action: 'Ce n’était pas moi',
      closing:
        'Si c’était vous, il n’y a rien à faire. Sinon, utilisez le lien : tout le monde est déconnecté, et un message vous permet de choisir un nouveau mot de passe.',
    },
    recovery_code_used: {
      subject: 'Un de vos codes de récupération a servi chez {organization}',
      paragraphs: [
        'Quelqu’un, vous espérons-le, s’est connecté chez {organization} en tant que {email} avec un code de récupération.',
      ],
      action: 'Ce n’était pas moi',
      closing:
        'Si c’était vous, il n’y a rien à faire. Sinon, utilisez le lien : tout le monde est déconnecté, et un message vous permet de choisir un nouveau mot de passe.',
    },
  },
};
