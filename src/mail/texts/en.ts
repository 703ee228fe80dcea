import type { Language } from './mail-words.ts';

export const ENGLISH: Language = {
  greeting: 'Hello {fullname},',
  plainGreeting: 'Hello,',
  otherAddress: 'another address',
  validFor: 'The link is good for {duration}.',
  codeValidFor: 'The code is good for {duration}.',
  copyLink: 'If the button does not work, copy this address into your browser:',
  durations: { minutes: '{count} minutes', hours: '{count} hours', days: '{count} days' },
  kinds: {
    verify_email: {
      subject: 'Confirm your e-mail address for {organization}',
      paragraphs: [
        'Somebody, hopefully you, has signed up at {organization} with {email}. Confirm that this address is yours.',
      ],
      action: 'Confirm address',
      closing: 'If it was not you, ignore this mail: without the confirmation the address is not used.',
    },
    reset_password: {
      subject: 'Set a new password for {organization}',
      paragraphs: ['Somebody, hopefully you, has asked {organization} for a new password for {email}.'],
      action: 'Set new password',
      closing: 'If it was not you, ignore this mail: your password stays as it is.',
    },
    invite: {
      subject: 'Your account at {organization}',
      paragraphs: ['An account at {organization} was made for {email}. Choose a password to use it.'],
      action: 'Choose password',
      closing: 'If you do not expect this, ignore this mail.',
    },
    change_email: {
      subject: 'Confirm your new e-mail address for {organization}',
      paragraphs: [
        'An account at {organization} is to use {new_email} from now on. Confirm that this address is yours.',
      ],
      action: 'Confirm new address',
      closing: 'If it was not you, ignore this mail: the account keeps its present address.',
    },
    email_change_warning: {
      subject: 'Your e-mail address at {organization} is about to change',
      paragraphs: [
        'Somebody, hopefully you, wants to change the address of your account at {organization} from {email} to {new_email}.',
        'If it was you, there is nothing to do. If not, stop it: your address stays or comes back, and everybody is signed out.',
      ],
      action: 'This was not me',
      closing: 'Then set a new password: whoever did this may know the present one.',
    },
    password_was_reset: {
      subject: 'Your password for {organization} was changed',
      paragraphs: [
        'The password of {email} at {organization} was set anew by a link from a mail, and everybody was signed out.',
      ],
      action: null,
      closing: 'If it was not you, set a new password at once, and look who else reads your mail.',
    },
    email_was_changed: {
      subject: 'Your e-mail address at {organization} was changed',
      paragraphs: ['The address of your account at {organization} is {new_email} now.'],
      action: null,
      closing: 'If it was not you, use the link in the mail that warned you of this.',
    },
    login_code: {
      subject: 'Your code for {organization}',
      paragraphs: ['Log in at {organization} with this code:', '{code}'],
      action: null,
      closing: 'If it was not you, ignore this mail, and tell the code to nobody.',
    },
    second_factor_code: {
      subject: 'Your code for {organization}',
      paragraphs: [
        'Somebody, hopefully you, is logging in at {organization} as {email}. This code completes the login:',
        '{code}',
      ],
      action: null,
      closing: 'If it was not you, somebody knows your password: set a new one, and tell the code to nobody.',
    },
    password_changed: {
      subject: 'Your password for {organization} was changed',
      paragraphs: ['The password of {email} at {organization} was changed.'],
      action: 'This was not me',
      closing:
        'If it was you, there is nothing to do. If not, use the link: everybody is signed out, and a mail lets you set a new password.',
    },
    second_factor_enabled: {
      subject: 'Two-step login at {organization} is on',
      paragraphs: ['From now on a login of {email} at {organization} needs a code of an authenticator app.'],
      action: 'This was not me',
      closing:
        'If it was you, there is nothing to do. If not, use the link: everybody is signed out, and a mail lets you set a new password. Then ask {organization} to take the app off your account.',
    },
    second_factor_disabled: {
      subject: 'Two-step login at {organization} is off',
      paragraphs: ['From now on a login of {email} at {organization} needs the password alone.'],
      action: 'This was not me',
      closing:
        'If it was you, there is nothing to do. If not, use the link: everybody is signed out, and a mail lets you set a new password.',
    },
    recovery_codes_replaced: {
      subject: 'Your recovery codes for {organization} are new',
      paragraphs: [
        'The recovery codes of {email} at {organization} were replaced. Those before open nothing any more.',
      ],
      action: 'This was not me',
      closing:
        'If it was you, there is nothing to do. If not, use the link: everybody is signed out, and a mail lets you set a new password.',
    },
    recovery_code_used: {
      subject: 'A recovery code of yours was used at {organization}',
      paragraphs: ['Somebody, hopefully you, logged in at {organization} as {email} with a recovery code.'],
      action: 'This was not me',
      closing:
        'If it was you, there is nothing to do. If not, use the link: everybody is signed out, and a mail lets you set a new password.',
    },
  },
};
