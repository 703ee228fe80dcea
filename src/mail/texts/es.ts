import type { Language } from './mail-words.ts';

export const SPANISH: Language = {
  greeting: 'Hola, {fullname}:',
  plainGreeting: 'Hola:',
  otherAddress: 'otra dirección',
  validFor: 'El enlace es válido durante {duration}.',
  codeValidFor: 'El código vale {duration}.',
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
    login_code: {
      subject: 'Su código para {organization}',
      paragraphs: ['Inicie sesión en {organization} con este código:', '{code}'],
      action: null,
      closing: 'Si no ha sido usted, no haga caso de este mensaje y no diga el código a nadie.',
    },
    second_factor_code: {
      subject: 'Su código para {organization}',
      paragraphs: [
        'Alguien, esperamos que usted, inicia sesión en {organization} como {email}. Este código la completa:',
        '{code}',
      ],
      action: null,
      closing: 'Si no ha sido usted, alguien conoce su contraseña: establezca otra y no diga el código a nadie.',
    },
    password_changed: {
      subject: 'Su contraseña para {organization} ha cambiado',
      paragraphs: ['Se cambió la contraseña de {email} en {organization}.'],
      action: 'No he sido yo',
      closing:
        'Si ha sido usted, no hay nada que hacer. Si no, use el enlace: se cerrarán todas las sesiones y un mensaje le permitirá elegir una contraseña nueva.',
    },
    second_factor_enabled: {
      subject: 'El inicio de sesión en dos pasos de {organization} está activado',
      paragraphs: [
        'Desde ahora, iniciar sesión como {email} en {organization} requiere un código de una aplicación de autenticación.',
      ],
      action: 'No he sido yo',
      closing:
        'Si ha sido usted, no hay nada que hacer. Si no, use el enlace: se cerrarán todas las sesiones y un mensaje le permitirá elegir una contraseña nueva. Después pida a {organization} que quite la aplicación de su cuenta.',
    },
    second_factor_disabled: {
      subject: 'El inicio de sesión en dos pasos de {organization} está desactivado',
      paragraphs: ['Desde ahora, iniciar sesión como {email} en {organization} solo requiere la contraseña.'],
      action: 'No he sido yo',
      closing:
        'Si ha sido usted, no hay nada que hacer. Si no, use el enlace: se cerrarán todas las sesiones y un mensaje le permitirá elegir una contraseña nueva.',
    },
    recovery_codes_replaced: {
      subject: 'Sus códigos de recuperación para {organization} son nuevos',
      paragraphs: [
        'Se sustituyeron los códigos de recuperación de {email} en {organization}. Los anteriores ya no abren nada.',
      ],
      action: 'No he sido yo',
      closing:
        'Si ha sido usted, no hay nada que hacer. Si no, use el enlace: se cerrarán todas las sesiones y un mensaje le permitirá elegir una contraseña nueva.',
    },
    recovery_code_used: {
      subject: 'Se usó un código de recuperación suyo en {organization}',
      paragraphs: [
        'Alguien, esperamos que usted, inició sesión en {organization} como {email} con un código de recuperación.',
      ],
      action: 'No he sido yo',
      closing:
        'Si ha sido usted, no hay nada que hacer. Si no, use el enlace: se cerrarán todas las sesiones y un mensaje le permitirá elegir una contraseña nueva.',
    },
  },
};
