/**
 * The words and phrases people answer with, in the languages that phones are set to, each with what it does to a decision.
 *
 * Safe to extend where a word means the same in every language listed. A word that says yes in one and no in another (Greek
 * and Serbian "ne"), or that is an allow word in one and "if" in the grammar of a sentence, decides only because nothing else
 * may stand in the same clause.
 */
import type { WordRole } from './words.ts';

/** Separated by `,`: phrases of up to four words, in lower case. */
const LEXICON: Record<Exclude<WordRole, 'other'>, string> = {
  allow: `ok, okay, okey, 0k, o.k, o.k., k, yes, yep, yeah, yup, yea, ya, ye, yh, aye, y, sure, allow, allowed, approve,
    approved, accept, accepted, 👍, 👌, ✅, ✔, ☑, 🆗, ja, sí, oui, ouais, sim, haan, हाँ, हां, जी, はい, 了解, نعم, موافق, да, ок, tak,
    evet, 好, 好的, 可以, 네, 예`,
  weakAllow: `hell yes, hell yeah, happy with, i'm happy with, im happy with, good, allowing, approving, green light, greenlight, thumbs up, let's do it, lets do it, let's go, lets go, you have my ok,
    you have my okay, it's ok, its ok, it's okay, its okay, it's fine, its fine, that's ok, thats ok, that's okay, all ok, happy with that,
    na klar, geht klar, geht in ordnung, c'est bon, c'est ok, bueno, está ok, go, go ahead, go for it, go on, do it, do, run, run it, ship it, let it run, proceed, confirm, confirmed, permit,
    permitted, granted, alright, all right, aight, fine, that's fine, roger, affirmative, absolutely, definitely, certainly,
    lgtm, of course, sure thing, sounds good, sounds good to me, sounds fine, looks good, looks good to me, looks fine,
    looks ok, all good, good to go, works for me, fine by me, fine with me, ok with me, okay with me, i approve, i allow,
    i accept, i agree, i confirm, i'm ok, im ok, i'm okay, im okay, i'm fine, im fine, i'm good, im good, you can run,
    you may run, you can go ahead, okie, okie dokie, okey dokey, oki, okidoki, oke, please do, yes please, yes sir, yessir,
    passt, passt so, klar, jo, jawohl, jep, genehmigt, erlaubt, erlauben, mach das, mach es, mach, in ordnung, einverstanden, si,
    vale, dale, claro, claro que sí, claro que si, de acuerdo, adelante, por supuesto, aprobado, está bien, esta bien, hazlo,
    d'accord, daccord, vas y, bien sûr, bien sur, approuvé, pode, pode ser, claro que sim, tá bom, ta bom, va bene, certo,
    certamente, theek hai, thik hai, ठीक है, ठीक, karo, kar do, chalega, haan ji, जी हाँ, 大丈夫, いいよ, いいです, おk, オッケー, いいですよ, 承認, تمام, حسنا, طيب, أوافق, da,
    хорошо, ладно, можно, давай, согласен, dobrze, zgoda, tamam, olur, 同意, 没问题, 좋아, 좋아요, 확인`,
  deny: `i said no, i say no, not good, not happy, mat karna, やめてください, لا تفعل, не делай, no, n, nope, nah, naw, nay, no way, no thanks, no thank you, no thx, hell no, absolutely not, definitely not,
    of course not, certainly not, no please, not now, not today, deny, denied, reject, rejected, refuse, refused, decline,
    declined, disallow, disapprove, disapproved, veto, 👎, ❌, ✖, 🚫, ⛔, 🛑, nein, nö, nee, nein danke, auf keinen fall, abgelehnt, lieber nicht,
    bitte nicht, no gracias, no lo hagas, no quiero, claro que no, para nada, de ninguna manera, non, non merci, surtout pas,
    não, nao, não obrigado, nahi, nahin, नहीं, mat karo, मत करो, いいえ, だめ, ダメ, やめて, لا, нет, не надо, нельзя, nie, hayır, hayir, 不,
    不行, 不要, 不可以, 아니요, 아니, 안돼`,
  weakDeny: `kill it, forget, bin it, stop it, stop that, cancel it, cancel that, stop, cancel, abort, skip, block, kill, halt, disable, forbid, drop it, leave it, stopp, abbrechen, detente, arrête,
    arrete, ruko`,
  negator: `nor, not, don't, dont, do not, never, isn't, isnt, is not, aren't, arent, are not, i don't, i dont, i do not, i'm not,
    im not, i am not, please don't, please dont, nicht, kein, keine, keinen, nie wieder, niemals, pas, jamais, nunca, jamás, mat, मत,
    ne pas, не`,
  none: 'neither, none, none of them, neither of them, keines, keins, keiner, ninguno, aucun',
  all: 'all, both, everything, all of them, both of them, every one, everyone, all asks, alle, beide, todo, todos, ambos, tout, tous, les deux, dono, sab',
  and: 'and, &, +, und, et, e, og, и, und auch, aur, and also, also, plus, と, و',
  but: 'but, but please, aber, pero, mais, mas, ma, lekin, magar, но, でも, لكن, whereas, while, however',
  polite: `please, pls, plz, plss, thanks, thank you, thank you!, thankyou, thx, ty, tysm, tnx, thanks a lot, thanks mate, cheers, ta,
    that, hi, hey, hello, hiya, yo, dude, bro, buddy, boss, sir, claude, cool, great, perfect, awesome,
    this time, once, just once, just this once, this once, only this once, for now, for this time, from me, by me, to me, 🙏, 🙂, 😀, 😊, 😁, 😄, 😃, 😉, 😎, 😍, 🥳, 🎉,
    🚀, 💪, ❤, 🔥, ✨, 🤝, 🙌, 👏, 💯, 🤗, bitte, danke, danke schön, vielen dank, gern, gerne, hallo, moin, por favor, gracias,
    muchas gracias, hola, s'il te plaît, s'il te plait, s'il vous plaît, s'il vous plait, svp, merci, merci beaucoup,
    bonjour, salut, obrigado, obrigada, oi, grazie, per favore, ciao, ji, dhanyavad, shukriya, kripya, धन्यवाद, शुक्रिया, कृपया, भाई, bhai, yaar,
    お願い, お願いします, お願いいたします, ありがとう, ありがとうございます, どうぞ, です, شكرا, شكراً, من فضلك, لو سمحت, спасибо, пожалуйста, спс, proszę, prosze,
    dzięki, dzieki, lütfen, teşekkürler, 谢谢, 请, 吧, 감사합니다`,
  trailing:
    'good luck, have fun, lol, haha, hahaha, hehe, xd, :), ;), xx, xxx, x, now, right now, asap, jefe, chef, amigo, pal, cheers mate, ta mate, my friend',
  link: `then, to, for, on, with, the, code, number, ask, request, #, für, zu, con, para el, avec, pour, com`,
  copula: `is, are, it, it's, its, that's, thats, that is, it is, a, an, gets, =, →, ->, sind, es, está, son, est, c'est, é, è, sono, hai, है, は`,
  question: `yet, explain, describe, elaborate, what, what's, whats, what is, why, who, who's, huh, wtf, wth, how, where, which, whose, was, was ist, warum, wieso,
    weshalb, wer, wie, was ist das, qué, que, qué es, que es, por qué, por que, porque, quién, cómo, pourquoi, quoi, c'est quoi,
    qui, comment, o que, quem, perché, cosa, kya, kyun, kyu, kyon, kaun, क्यों, क्या, कौन, 何, なに, なぜ, 何ですか, は何ですか, لماذا, ماذا, ما, من,
    зачем, почему, что, кто, dlaczego, neden, ne, 为什么, 什么, 왜, 뭐`,
  doubt: `or, or not, oder, bad, not yet, in a, in an, in a bit, in a minute, give me, gimme, one sec, one second, one moment, one minute,
    a moment, soon, tonight, tomorrow, tmr, next week, this evening, let me, kein problem, keine sorge, pas de problème, pas de souci, sin problema,
    senza problemi, no hay problema, wait, wait a sec, wait a minute, hold on, hold, hang on, hold up, later, maybe, perhaps, probably, possibly, idk, i don't know,
    i dont know, dunno, unsure, not sure, hmm, hm, hmmm, uh, um, erm, never mind, nevermind, nvm, jk, just kidding, kidding, joking, actually, oops,
    sorry wrong, scratch that, forget it, ignore that, undo, i mean, i meant, on second thought, no problem, no prob, no problems, no worries, no idea,
    no objection, no objections, no issue, no clue, no matter, no one, no wait, yeah right, yes no, if, unless, until, when, whenever, after, once again, as soon as,
    🤔, 🙄, 😬, 🤷, 😕, 😒, 🧐, 😅, vielleicht, moment, warte, später, wenn, falls, sobald, tal vez, quizás, quizas, espera, luego, cuando, si pasan, peut être,
    attends, attendez, plus tard, quand, talvez, espera aí, quando, forse, aspetta, shayad, ruk, ruko zara, baad mein, agar, शायद, अगर, たぶん,
    待って, ちょっと待って, もし, ربما, انتظر, إذا, لو, может, может быть, подожди, если, może, belki, 也许, 等等, 如果`,
  condition: `say, says, said, saying, tell, tells, told, write, wrote, type, typed, reply, replied, answer, answered, texted, sag, sage, dile, decir, dis,
    only, except, before, can't, cant, cannot, won't, wont, wouldn't, wouldnt, shouldn't, shouldnt, couldn't, didn't, didnt,
    doesn't, doesnt, hardly, nobody, nothing, otherwise, instead, nur, außer, solo, sauf, seulement`,
};

/** Every phrase with its role, and with it everything that the grammar understands. */
export const PHRASES: ReadonlyMap<string, WordRole> = new Map(
  Object.entries(LEXICON).flatMap(([role, phrases]) =>
    phrases
      .split(',')
      .map((phrase) => phrase.replace(/\s+/g, ' ').trim())
      .filter((phrase) => phrase !== '')
      .map((phrase): [string, WordRole] => [phrase, role as WordRole]),
  ),
);

/** No phrase has more words. */
export const LONGEST_PHRASE = 4;
