/** The languages of the pages, and of mails. */
export const PAGE_LOCALES = ['en', 'de', 'es', 'fr'] as const;

export type PageLocale = (typeof PAGE_LOCALES)[number];

/** What one page says. */
export interface ActionTexts {
  /** The heading, and the title of the window. */
  readonly title: string;
  /** What the button does. `{email}` stands for the address, where it is known. */
  readonly lead: string;
  readonly button: string;
  /** The heading after it. */
  readonly done: string;
  readonly doneLead: string;
}

/** All that the pages say in one language. */
export interface PageTexts {
  readonly verifyEmail: ActionTexts;
  readonly resetPassword: ActionTexts & {
    readonly newPassword: string;
    readonly repeat: string;
    /** `{min}` and `{max}` stand for how many characters a password has. */
    readonly classesRule: string;
    readonly lengthRule: string;
    readonly different: string;
    readonly unfit: string;
  };
  readonly changeEmail: ActionTexts;
  readonly notMe: ActionTexts;
  readonly faults: {
    /** The heading of a page that cannot go on. */
    readonly title: string;
    readonly invalid: string;
    readonly expired: string;
    readonly taken: string;
    readonly busy: string;
    readonly broken: string;
  };
}

export const PAGE_TEXTS: Readonly<Record<PageLocale, PageTexts>> = {
  en: {
    verifyEmail: {
      title: 'Confirm your e-mail',
      lead: 'Confirm that {email} is your address.',
      button: 'Confirm',
      done: 'Your e-mail is confirmed',
      doneLead: 'You can close this page.',
    },
    resetPassword: {
      title: 'Set a new password',
      lead: 'Choose a new password for {email}. You will be signed out everywhere.',
      newPassword: 'New password',
      repeat: 'Repeat the new password',
      classesRule:
        '{min} to {max} characters, with an upper-case letter, a lower-case letter, a digit and a special character.',
      lengthRule: '{min} to {max} characters. Several words that do not belong together are good.',
      different: 'The two passwords are not the same.',
      unfit: 'This password does not fit the rules, or would be guessed among the first. Choose another.',
      button: 'Set the password',
      done: 'Your password is changed',
      doneLead: 'Sign in with the new one. You can close this page.',
    },
    changeEmail: {
      title: 'Confirm your new e-mail',
      lead: 'From now on {email} is the address that you sign in with. You will be signed out everywhere.',
      button: 'Change the address',
      done: 'Your e-mail is changed',
      doneLead: 'Sign in with the new address. You can close this page.',
    },
    notMe: {
      title: 'Was it not you?',
      lead: 'Somebody else has changed something about this account, or asked for it. Say so: {email} stays its address, everybody is signed out, and a mail lets you set a new password.',
      button: 'It was not me',
      done: 'Everybody is signed out',
      doneLead: 'Your address is as it was. A mail with a link to set a new password is on its way.',
    },
    faults: {
      title: 'This did not work',
      invalid: 'The link is not valid any more. It may have been used already, or a newer mail took its place.',
      expired: 'The link is too old. Ask for another mail.',
      taken: 'This address belongs to another account meanwhile.',
      busy: 'The service is busy right now. Nothing was changed. Go back and try again in a minute.',
      broken: 'Something went wrong on the server. Nothing was lost. Try again later.',
    },
  },
  de: {
    verifyEmail: {
      title: 'E-Mail-Adresse bestätigen',
      lead: 'Bestätigen Sie, dass {email} Ihre Adresse ist.',
      button: 'Bestätigen',
      done: 'Ihre E-Mail-Adresse ist bestätigt',
      doneLead: 'Sie können diese Seite schließen.',
    },
    resetPassword: {
      title: 'Neues Passwort festlegen',
      lead: 'Wählen Sie ein neues Passwort für {email}. Sie werden überall abgemeldet.',
      newPassword: 'Neues Passwort',
      repeat: 'Neues Passwort wiederholen',
      classesRule:
        '{min} bis {max} Zeichen, darunter ein Großbuchstabe, ein Kleinbuchstabe, eine Ziffer und ein Sonderzeichen.',
      lengthRule: '{min} bis {max} Zeichen. Gut sind mehrere Wörter, die nicht zusammengehören.',
      different: 'Die beiden Passwörter sind nicht gleich.',
      unfit: 'Dieses Passwort entspricht nicht den Regeln oder wäre schnell erraten. Wählen Sie ein anderes.',
      button: 'Passwort festlegen',
      done: 'Ihr Passwort ist geändert',
      doneLead: 'Melden Sie sich mit dem neuen an. Sie können diese Seite schließen.',
    },
    changeEmail: {
      title: 'Neue E-Mail-Adresse bestätigen',
      lead: 'Ab jetzt melden Sie sich mit {email} an. Sie werden überall abgemeldet.',
      button: 'Adresse ändern',
      done: 'Ihre E-Mail-Adresse ist geändert',
      doneLead: 'Melden Sie sich mit der neuen Adresse an. Sie können diese Seite schließen.',
    },
    notMe: {
      title: 'Waren Sie das nicht?',
      lead: 'Jemand anderes hat etwas an diesem Konto geändert oder wollte es. Sagen Sie das: {email} bleibt die Adresse, alle werden abgemeldet, und mit einer E-Mail können Sie ein neues Passwort festlegen.',
      button: 'Ich war das nicht',
      done: 'Alle sind abgemeldet',
      doneLead: 'Ihre Adresse ist wie zuvor. Eine E-Mail mit einem Link für ein neues Passwort ist unterwegs.',
    },
    faults: {
      title: 'Das hat nicht geklappt',
      invalid: 'Der Link gilt nicht mehr. Vielleicht wurde er schon benutzt, oder eine neuere E-Mail hat ihn ersetzt.',
      expired: 'Der Link ist zu alt. Fordern Sie eine neue E-Mail an.',
      taken: 'Diese Adresse gehört inzwischen zu einem anderen Konto.',
      busy: 'Der Dienst ist gerade ausgelastet. Es wurde nichts geändert. Versuchen Sie es in einer Minute noch einmal.',
      broken: 'Auf dem Server ist etwas schiefgegangen. Nichts ist verloren. Versuchen Sie es später noch einmal.',
    },
  },
  es: {
    verifyEmail: {
      title: 'Confirme su correo',
      lead: 'Confirme que {email} es su dirección.',
      button: 'Confirmar',
      done: 'Su correo está confirmado',
      doneLead: 'Ya puede cerrar esta página.',
    },
    resetPassword: {
      title: 'Elija una contraseña nueva',
      lead: 'Elija una contraseña nueva para {email}. Se cerrarán todas sus sesiones.',
      newPassword: 'Contraseña nueva',
      repeat: 'Repita la contraseña nueva',
      classesRule: 'De {min} a {max} caracteres, con una mayúscula, una minúscula, una cifra y un carácter especial.',
      lengthRule: 'De {min} a {max} caracteres. Varias palabras sin relación entre sí son una buena elección.',
      different: 'Las dos contraseñas no son iguales.',
      unfit: 'Esta contraseña no cumple las reglas o sería de las primeras en adivinarse. Elija otra.',
      button: 'Guardar la contraseña',
      done: 'Su contraseña ha cambiado',
      doneLead: 'Inicie sesión con la nueva. Ya puede cerrar esta página.',
    },
    changeEmail: {
      title: 'Confirme su correo nuevo',
      lead: 'Desde ahora iniciará sesión con {email}. Se cerrarán todas sus sesiones.',
      button: 'Cambiar la dirección',
      done: 'Su correo ha cambiado',
      doneLead: 'Inicie sesión con la dirección nueva. Ya puede cerrar esta página.',
    },
    notMe: {
      title: '¿No ha sido usted?',
      lead: 'Otra persona ha cambiado algo de esta cuenta, o lo ha pedido. Dígalo: {email} seguirá siendo su dirección, se cerrarán todas las sesiones y un correo le permitirá elegir una contraseña nueva.',
      button: 'No he sido yo',
      done: 'Se han cerrado todas las sesiones',
      doneLead: 'Su dirección está como antes. Recibirá un correo con un enlace para elegir una contraseña nueva.',
    },
    faults: {
      title: 'No ha funcionado',
      invalid: 'El enlace ya no es válido. Quizá ya se usó, o un correo más reciente lo ha sustituido.',
      expired: 'El enlace es demasiado antiguo. Pida otro correo.',
      taken: 'Entretanto, esta dirección pertenece a otra cuenta.',
      busy: 'El servicio está ocupado. No se ha cambiado nada. Vuelva a intentarlo en un minuto.',
      broken: 'Algo ha fallado en el servidor. No se ha perdido nada. Vuelva a intentarlo más tarde.',
    },
  },
  fr: {
    verifyEmail: {
      title: 'Confirmez votre adresse e-mail',
      lead: 'Confirmez que {email} est bien votre adresse.',
      button: 'Confirmer',
      done: 'Votre adresse e-mail est confirmée',
      doneLead: 'Vous pouvez fermer cette page.',
    },
    resetPassword: {
      title: 'Choisissez un nouveau mot de passe',
      lead: 'Choisissez un nouveau mot de passe pour {email}. Vous serez déconnecté partout.',
      newPassword: 'Nouveau mot de passe',
      repeat: 'Répétez le nouveau mot de passe',
      classesRule:
        'De {min} à {max} caractères, avec une majuscule, une minuscule, un chiffre et un caractère spécial.',
      lengthRule: 'De {min} à {max} caractères. Plusieurs mots sans lien entre eux sont un bon choix.',
      different: 'Les deux mots de passe ne sont pas identiques.',
      unfit: 'Ce mot de passe ne respecte pas les règles ou serait vite deviné. Choisissez-en un autre.',
      button: 'Enregistrer le mot de passe',
      done: 'Votre mot de passe est changé',
      doneLead: 'Connectez-vous avec le nouveau. Vous pouvez fermer cette page.',
    },
    changeEmail: {
      title: 'Confirmez votre nouvelle adresse',
      lead: 'Désormais, vous vous connecterez avec {email}. Vous serez déconnecté partout.',
      button: 'Changer l’adresse',
      done: 'Votre adresse e-mail est changée',
      doneLead: 'Connectez-vous avec la nouvelle adresse. Vous pouvez fermer cette page.',
    },
    notMe: {
      title: 'Ce n’était pas vous ?',
      lead: 'Quelqu’un d’autre a changé quelque chose à ce compte, ou l’a demandé. Dites-le : {email} reste son adresse, tout le monde est déconnecté, et un e-mail vous permet de choisir un nouveau mot de passe.',
      button: 'Ce n’était pas moi',
      done: 'Tout le monde est déconnecté',
      doneLead:
        'Votre adresse est comme avant. Un e-mail avec un lien pour choisir un nouveau mot de passe est en route.',
    },
    faults: {
      title: 'Cela n’a pas fonctionné',
      invalid: 'Le lien n’est plus valable. Il a peut-être déjà servi, ou un e-mail plus récent l’a remplacé.',
      expired: 'Le lien est trop ancien. Demandez un autre e-mail.',
      taken: 'Entre-temps, cette adresse appartient à un autre compte.',
      busy: 'Le service est occupé. Rien n’a été changé. Réessayez dans une minute.',
      broken: 'Une erreur s’est produite sur le serveur. Rien n’est perdu. Réessayez plus tard.',
    },
  },
};
