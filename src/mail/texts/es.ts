import type { Language } from './mail-words.ts';

export const SPANISH: Language = {
  greeting: 'Hola, {fullname}:',
  plainGreeting: 'Hola:',
  otherAddress: 'otra dirección',
  validFor: 'El enlace es válido durante {duration}.',
  copyLink: 'Si el botón no funciona, copie esta dirección en su navegador:',
  durations: { minutes: '{count} minutos', hours: '{count} horas', days: '{count} días' },
  kinds: {
    verify_email: {
      subject: 'Confirme su dirección de correo para {organization}',
      paragraphs: [
        'Alguien, esperamos que usted, se ha registrado en {organization} con {email}. Confirme que esta dirección es suya.',
      ],
      action: 'Confirmar dirección',
      closing: 'Si no ha sido usted, ignore este mensaje: sin la confirmación, la dirección no se usa.',
    },
    reset_password: {
      subject: 'Nueva contraseña para {organization}',
      paragraphs: ['Alguien, esperamos que usted, ha pedido en {organization} una nueva contraseña para {email}.'],
      action: 'Establecer nueva contraseña',
      closing: 'Si no ha sido usted, ignore este mensaje: su contraseña no cambia.',
    },
    invite: {
      subject: 'Su cuenta en {organization}',
      paragraphs: ['Se ha creado una cuenta en {organization} para {email}. Elija una contraseña para usarla.'],
      action: 'Elegir contraseña',
      closing: 'Si no esperaba este mensaje, ignórelo.',
    },
    change_email: {
      subject: 'Confirme su nueva dirección de correo para {organization}',
      paragraphs: [
        'Una cuenta en {organization} va a usar {new_email} a partir de ahora. Confirme que esta dirección es suya.',
      ],
      action: 'Confirmar nueva dirección',
      closing: 'Si no ha sido usted, ignore este mensaje: la cuenta conserva su dirección actual.',
    },
    email_change_warning: {
      subject: 'Su dirección de correo en {organization} va a cambiar',
      paragraphs: [
        'Alguien, esperamos que usted, quiere cambiar la dirección de su cuenta en {organization} de {email} a {new_email}.',
        'Si ha sido usted, no tiene que hacer nada. Si no, deténgalo: su dirección se queda o vuelve, y se cierran todas las sesiones.',
      ],
      action: 'No he sido yo',
      closing: 'Después establezca una nueva contraseña: quien lo hizo puede conocer la actual.',
    },
    password_was_reset: {
      subject: 'Su contraseña para {organization} ha cambiado',
      paragraphs: [
        'La contraseña de {email} en {organization} se estableció de nuevo con un enlace de un mensaje, y se cerraron todas las sesiones.',
      ],
      action: null,
      closing: 'Si no ha sido usted, establezca una nueva contraseña de inmediato y compruebe quién más lee su correo.',
    },
    email_was_changed: {
      subject: 'Su dirección de correo en {organization} ha cambiado',
      paragraphs: ['La dirección de su cuenta en {organization} es ahora {new_email}.'],
      action: null,
      closing: 'Si no ha sido usted, use el enlace del mensaje que le avisó de ello.',
    },
  },
};
