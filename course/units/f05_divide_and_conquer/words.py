"""What customers of f05 write, as patterns: `[a|b]` is one or the other, `{item}` is an instrument or a part of it."""

from __future__ import annotations

ITEMS = {
    "violin": ("bridge", "fingerboard", "tuning peg", "bow"),
    "cello": ("endpin", "bridge", "bow", "scroll"),
    "clarinet": ("mouthpiece", "barrel", "reed holder", "lower joint"),
    "saxophone": ("neck", "mouthpiece", "octave key", "bell"),
    "trumpet": ("valve", "mouthpiece", "tuning slide", "water key"),
    "guitar": ("neck", "pickup", "tuner", "nut"),
    "flute": ("head joint", "foot joint", "key", "lip plate"),
    "accordion": ("bellows", "strap", "bass button", "reed block"),
}

#: Requests, as (team that one would think of, another that might do it, patterns).
REQUESTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("billing", "accounts", (
        "I was [charged|billed|debited] twice for [the same|one] {item}[| this month| in May].",
        "[The amount|The same sum] [was taken|left my account|was debited] two times for one {item}.",
    )),
    ("billing", "rentals", (
        "[You took|There was] a [deposit|security] from [my card|my account] that should [be back|have come] by now.",
        "When do I get [my|the] deposit [back|returned] for the {item} I [gave back|sent back|returned]?",
    )),
    ("billing", "sales", (
        "[Could|Can] you [send|mail] me an invoice [with|that shows] [our|the] VAT number[| for the {item}]?",
        "[Our bookkeeper|The school|My accountant] [needs|asks for] a proper invoice [for|of] the {item}.",
    )),
    ("billing", "delivery", (
        "[Customs|The courier] [wanted|asked for] [money|a fee] at the door, although I had paid [for] everything.",
        "Why [did I pay|was there] import duty [on|for] a {item} that [comes|was sent] from [inside the EU|next door]?",
    )),
    ("billing", "accounts", (
        "The [discount|voucher] [code|for teachers] was not [taken off|applied|deducted][| when I ordered the {item}].",
        "I [entered|typed] the [voucher|code] and still paid the full price [for the {item}|].",
    )),
    ("delivery", "sales", (
        "[Where is|What happened to] [my|the] {item}? It [was due|should have been here] [last week|on Monday].",
        "[The tracking|The courier's page] [has not moved|says nothing new] [for|since] [a week|four days|days].",
    )),
    ("delivery", "workshop", (
        "The {item} [arrived|came|turned up] [with|and has] a [cracked|broken|split] {part}.",
        "[When I opened|Opening] the box I [saw|found] that the {part} of the {item} is [cracked|broken|snapped].",
    )),
    ("delivery", "accounts", (
        "[Please|Can you] [change|correct] the address [of|for] [this|my] [parcel|shipment][| soon], I have moved.",
        "[The parcel|My order] [is going|was sent] to my [old|former] [address|flat]; I [need|want] it at the new one.",
    )),
    ("delivery", "sales", (
        "I [ordered|asked for] a {item} and [got|received|was sent] a [case|stand|set of strings] [instead|].",
        "[The wrong|Another] {item} [was in the box|came]: [it is not the size|it is not what] I ordered.",
    )),
    ("delivery", "rentals", (
        "[Nobody|No courier] [came|turned up] to [collect|pick up|fetch] the {item}[| on Tuesday| as agreed].",
        "[When|On which day] will [someone|the courier] [collect|pick up] the {item}? The box [stands|waits] here.",
    )),
    ("workshop", "rentals", (
        "The {part} of [my|the] {item} [came loose|fell off|broke] while [playing|I was practising].",
        "[After|Since] [a week|two months] the {part} [rattles|sticks] [and|so that] the {item} can't be played.",
    )),
    ("workshop", "sales", (
        "[What would|How much would] it [cost|be] to [overhaul|repair|service] [a|my] [second hand|vintage] {item}?",
        "[Do you|Can you] [also|] [restore|overhaul] {item}s that were [bought|made] [elsewhere|by somebody else]?",
    )),
    ("workshop", "delivery", (
        "[How|In what] do I [pack|wrap] the {item} [for|when I send it to] the repair [so that nothing happens|]?",
        "[Which box|What label] do I [use|need] to send [in|you] the {item} for its [check|repair|service]?",
    )),
    ("workshop", "billing", (
        "[Is|Would] a [bent|worn|split] {part} [covered|be covered] by the guarantee[| after a year]?",
        "[Your|The] guarantee [says|promises] two years, and the {part} [gave up|failed] after [one|fourteen months].",
    )),
    ("workshop", "sales", (
        "[Which|What kind of] [oil|grease|cork] does [the|a] {part} of a {item} need?",
        "[How often|When] should [one|I] [clean|oil|change] the {part} of the {item}?",
    )),
    ("workshop", "delivery", (
        "[My|The] {item} is with you for [repair|its overhaul] [since March|for weeks]: when is it [done|ready]?",
        "[Any news|Is there news] of the {item} [on the bench|that you are repairing]?",
    )),
    ("rentals", "billing", (
        "[I want to|We would like to] [end|stop|cancel] [the rental|renting] [of|for] the {item}[| this term].",
        "[My daughter|My son|The pupil] [gave up|stopped playing] the {item}, [so|] please end the contract.",
    )),
    ("rentals", "sales", (
        "[Can we|Is it possible to] [swap|exchange] the {item} for a [larger|full size|smaller] one[| in our plan]?",
        "She has [grown|outgrown it]; [the next size|a bigger] {item} [would be|is] [needed|due].",
    )),
    ("rentals", "sales", (
        "[What|How much] [of the rent|of what we paid] [counts|is taken off] if we [buy|keep] the {item}?",
        "[We|I] would like to [keep|buy] the {item} that [we|I] have [on loan|rented] [since autumn|].",
    )),
    ("rentals", "workshop", (
        "[Does|Is] the [insurance|cover] of [the|our] [contract|plan] [pay|good] for a [scratched|bent|dented] {part}?",
        "[He|She|A pupil] [dropped|sat on] the {item} [of our plan|on loan]; [who pays|what now]?",
    )),
    ("rentals", "delivery", (
        "[We need|Our school needs] [twelve|eight|twenty] {item}s [from|for] [September|the new term] to [June|July].",
        "[Could|Can] a [class|whole orchestra] [borrow|have] {item}s [for a year|until summer]?",
    )),
    ("sales", "workshop", (
        "[Which|What] {item} [would you|do you] [recommend|suggest] for a [beginner|child of nine|grown-up]?",
        "[Is|Would] the [cheaper|student] {item} [good enough|do] for [a beginner|the first years]?",
    )),
    ("sales", "delivery", (
        "[When|Is it known when] will the [black|left-handed|small] {item} be [back in stock|available again]?",
        "[Do|Will] you [still have|get in] [that|the] {item} [of your catalogue|that was in the window]?",
    )),
    ("sales", "workshop", (
        "[Does|Will] the {part} [from|of] your [shop|catalogue] fit [a|my] [French|German|1980s] {item}?",
        "[I am looking|We look] for a [spare|replacement] {part} for [a|an old] {item}.",
    )),
    ("sales", "billing", (
        "[Would you|Can you] [give|offer] [us|our school] a [better|special] price [for|on] [ten|six|a dozen] {item}s?",
        "[We|I] would like a [quotation|quote|written offer] for [two|six|several] {item}s.",
    )),
    ("sales", "rentals", (
        "[Do you|Would you] [take|accept] [my old|a used] {item} in [part exchange|payment] for a new one?",
        "[What|How much] would you [give|pay] me for a [ten|five] year old {item}?",
    )),
    ("accounts", "billing", (
        "[I can't|Impossible to] [log in|sign in][| any more]; the [password|link] [mail|] never [comes|arrives].",
        "[The page|Your site] [says|claims] that [my password|the code] is wrong, [again and again|whatever I type].",
    )),
    ("accounts", "billing", (
        "[Please|Could you] [delete|erase] [my account|everything you know about me|all my data].",
        "[Under|By] [the law|Article 17] I [ask|want] you to [erase|remove] [my data|what is stored about me].",
    )),
    ("accounts", "delivery", (
        "I [have married|changed my name]; [please|could you] [change|update] [it|the name] in [my profile|it].",
        "[My surname|Our school's name] [is wrong|is misspelt] [on everything you send|in the account].",
    )),
    ("accounts", "sales", (
        "[Stop|Please stop] [sending|mailing] me [the newsletter|offers|advertisements][|, I unsubscribed twice].",
        "[I unsubscribed|We opted out] and [still get|the newsletter still comes with] offers for {item}s.",
    )),
    ("accounts", "rentals", (
        "[Two teachers|A colleague and I] [should|need to] [see|use] the [same|school's] account; [how|what do we do]?",
        "[Who|Can you tell me who] [can see|has access to] [contracts|orders] in the [school's|shared] account?",
    )),
)  # fmt: skip

#: What is said besides, about anything, and asks for nothing.
ASIDES = (
    "[The parcel|The box|It] [came|arrived] [on Tuesday|quickly|before noon], thank you.",
    "I paid [by card|by bank transfer|the invoice] [last week|at once].",
    "[The repair|The overhaul] [last year|in spring] was [excellent|well done].",
    "[Our rental|The contract] [runs|goes on] until [June|September].",
    "[My daughter|My son] has [played|had] the {item} for [two|three] years.",
    "[I have been|We are] a customer [for six years|since you opened].",
    "[Your courier|The driver] was [very kind|friendly].",
    "[The refund|The deposit] from [last time|spring] [has arrived|is here], that is settled.",
    "I [bought|ordered] [the|a] {item} [in your shop|from your catalogue] [in May|two years ago].",
    "[The old|The other] {item} had [a cracked {part} once|a broken {part}], you [repaired|replaced] it.",
    "I could [log in|see my account] [today|this morning], [so that works|that is not the problem].",
    "[The password|The newsletter] [works|is fine], by the way.",
    "[The price|The discount] was [fair|as agreed].",
    "[A friend|Our teacher] [recommended|praised] your {item}s.",
    "[We moved|The school moved] [last year|in March], you [have|know] the [new|] address.",
    "[We|I] [swapped|exchanged] the {item} for a larger one [in autumn|last year].",
    "The [sound|colour] is [lovely|just right].",
    "[You sent|We got] the invoice [last month|in time], thanks for that.",
    "I will be out of the office [next week|on Friday].",
    "[The case|The stand] is [fine|as ordered].",
)

#: What makes a request urgent, what only sounds like it, and what may be either.
URGENT = (
    "The [concert|exam|audition] is [on Friday|tomorrow|this Saturday].",
    "[I write|This is] for the third time.",
    "[My lawyer|The consumer office] will [write next|hear of this].",
    "[Otherwise|If not] [we|I] go to [another shop|a competitor].",
    "[She|He] has [nothing to play|no instrument] for the [exam|audition].",
    "[I am|We are] [really angry|furious] [by now|about this].",
)
CALM = (
    "The [concert|exam|audition] is not [before|until] [May|next year].",
    "[There is|It is] no hurry.",
    "The [concert|audition] [last Friday|on Saturday] went well.",
    "[This is not urgent|Answer when you like].",
    "[He|She] has another one to play for the [exam|audition].",
    "[I am|We are] [not angry|very happy] [with you|] at all.",
)
VAGUE = ("[Please|Could you] [be quick|hurry] [a little|].", "[An early|A quick] answer [would be|is] [nice|needed].")

GREETINGS = ("Hello,", "Dear [team|all|Sir or Madam],", "Good [morning|evening],", "Hi!", "")
CLOSINGS = ("[Best|Kind] regards", "Thanks", "Yours", "Many thanks", "")
NAMES = ("Zoë", "Jürgen", "Siobhán", "Inês", "Aino", "Guðrún", "Pieter", "Marta", "Tom", "Élise", "Olli", "Una")
AWAY = (
    "I am out of the office until [Monday|the 14th]. Your message is not forwarded.",
    "Thank you for your message. [We|I] will [answer|reply] after the holidays.",
    "This mailbox is not [read|monitored]. Please [call|use the form].",
)
#: What our own mails say, and people quote.
QUOTED = (
    "Thank you for your order. The parcel leaves our house today.",
    "Your deposit was refunded to your card.",
    "Please reply to this mail to end the rental of your {item}.",
    "Your {item} is on the bench; the repair takes two weeks.",
    "You can log in with your new password now.",
    "Our newsletter: student {item}s are back in stock.",
    "The invoice is attached. It was paid by card.",
    "The courier will collect the {item} on Monday.",
)
#: Sentences with what is to be hidden, found or left alone.
ORDER = ("The order is {}.", "It is about {}.", "(order {})", "See {} and tell me.")
ORDERS = ("Orders {} and {}.", "It concerns {}, and {} as well.")
CARD = ("My card is {}, valid until 09/27.", "Please take it from {} instead.", "Charge card no. {}!", "({})")
IBAN = ("Please pay it back to {}.", "My account: {}", "The IBAN is {}, and nothing else.", "{} is where it goes.")
MAIL = ("Write to {}.", "You can reach me at {}, or at school.", "Mail: {}", "<{}> is better.")
OTHER = ("The tracking number is {}.", "Serial no. {}", "It says {} on the label.", "Parcel {}, since Monday.")
PHONE = ("Call me on +32 470 12 34 56.", "My number is 0171 234 5678.", "Ring +358 40 123 4567 after six.")
