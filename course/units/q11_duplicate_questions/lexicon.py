"""What people ask about at Tinker Hall, and the words that they have for it. Nothing here is anybody's data.

Between two commas stands one meaning. Words of two never mean the same, however alike they look: lock and unlock,
husband and wife, raise and lower.
"""

from __future__ import annotations

#: What can be done, and with what, by kind of thing.
VERBS = {
    "file": """
delete erase remove, copy duplicate, move transfer, rename, restore recover retrieve, find locate, print,
encrypt, sort organize, edit modify, combine merge, hide conceal, display view, save, export, import, lock,
unlock, split divide, download, upload, compare, count, archive, translate, publish post, sign, share, compress
shrink
""",
    "setting": """
enable activate, disable deactivate, increase raise boost, decrease lower reduce, reset, check verify, mute
silence, unmute, adjust, schedule, change alter, lock, unlock, customize personalize
""",
    "part": """
clean wash, polish, replace swap, repair fix mend, test, buy purchase, install, uninstall, cover, open, cut
trim, heat warm, cool, measure, protect, tighten, loosen, paint, dry, detach, glue, sell, insulate, lubricate
oil
""",
    "device": """
connect attach, disconnect, restart reboot, update upgrade, configure, charge, start launch, stop halt, rent
hire, sell, lend, borrow, hide conceal, track, transport carry, repair fix mend, clean wash, buy purchase,
insure, store, test, ship, recycle
""",
}
THINGS = {
    "file": """
photo picture, video, film movie, message, document, folder directory, password, song melody, contact, invoice
bill, receipt, map, recipe, letter, ticket, presentation, bookmark, conversation chat, comment remark, novel,
story tale, lesson, diary journal, quiz, poem verse, newsletter, playlist, contract, spreadsheet, calendar,
essay, podcast, certificate diploma, album, backup, sketch drawing
""",
    "setting": """
alarm, reminder, notification alert, brightness, volume, language, font typeface, background wallpaper, timer,
shortcut, privacy, speed, temperature, color colour, sound, microphone, keyboard, zoom, contrast, layout, theme,
border, subtitle, vibration
""",
    "part": """
screen, battery, lens, speaker, fan, cable cord, button knob, handle, lid, belt strap, engine motor, wheel,
door, gate, window, lamp bulb, hose, pipe tube, seat chair, roof, ceiling, carpet rug, mirror, drawer, bag sack,
bottle, cabinet, screw, bolt, blanket quilt, pillow cushion, jacket coat, shoe, hat, curtain, bucket, floor,
wall, table, zipper
""",
    "device": """
printer, router, phone telephone, computer, laptop notebook, television tv, radio, clock, scanner, projector,
server, robot, car automobile, bicycle bike, oven stove, refrigerator fridge, boat, truck lorry, airplane
aircraft plane, tablet, bus, guitar, piano, drone, tractor, camera, kettle, heater, lawnmower
""",
}
#: Where, when and for whom: words that lead to it, then words for the same.
CIRCUMSTANCES = """
in winter, in summer, in spring, in autumn fall, at night, at dawn sunrise, at dusk sunset, in rain, in snow, at
school, in the kitchen, in the garden, on vacation holiday, on the beach, at the coast shore, in the forest
woods, in the city, in the town, in the village, in the desert, on the mountain, on the island, for my kid
child, for my mom mother, for my dad father, for my boss, for my doctor physician, for my lawyer attorney, for
my teacher, for my wife, for my husband, for my son, for my daughter, for my customer client, for my guest, for
my neighbor, before the wedding, before the meeting, before the exam, before the trial, before the concert,
during the storm, during the flight, during the lecture, after the crash, after the fire, after the flood, after
the earthquake, after the surgery operation, in the hotel, in the hospital, in the prison jail, in the church,
on the train, on the farm, in the basement, in the attic, in the bathroom, in the garage, in the museum, in the
library
"""
#: A number, and what stands around it, by kind of thing. Each is one meaning.
AMOUNTS = {
    "file": ("older than {n} days", "larger than {n} megabytes", "in {n} copies", "for {n} people"),
    "setting": ("every {n} hours", "after {n} minutes", "by {n} percent", "for {n} days"),
    "part": ("within {n} hours", "every {n} months", "with {n} hands", "for {n} euros"),
    "device": ("within {n} minutes", "{n} times a day", "for {n} weeks", "every {n} months"),
}
NUMBERS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
#: What moves things from one device to another; a door has two sides.
ROUTES = ("move", "copy", "export", "import", "share", "transport", "ship")
ENDS = ("phone", "computer", "laptop", "television", "tablet", "server", "camera")
#: How people ask; {what} is what they want.
ASKS = (
    "How do I {what}?",
    "How can I {what}?",
    "What is the best way to {what}?",
    "Is there a way to {what}?",
    "Can anybody tell me how to {what}?",
    "I want to {what}. How?",
    "Any idea how to {what}?",
    "Is it possible to {what}?",
    "Trying to {what}, what should I do?",
    "What do I need to {what}?",
    "Steps to {what}?",
    "I would like to {what}, any advice?",
)
#: How people ask who want the opposite: that it does not happen.
NEVER = (
    "How do I not {what}?",
    "How can I never {what}?",
    "What is the best way to not {what}?",
    "How do I make sure that I don't {what}?",
    "Can anybody tell me how to never {what}?",
    "I want to not {what}. How?",
    "What can I do so that I don't {what}?",
    "Is it possible to never {what}?",
)
#: What people write before and behind, which means nothing here. A key says which of it the store knows already.
HELLO = (
    "Hi all,", "Hello everybody,", "Sorry if this is obvious:", "Quick one:", "Newbie here.", "Good morning!",
    "Urgent!", "Please don't laugh.", "I could not sleep over this.", "Greetings from Portugal.",
    "Long time reader, first time writer.", "My cousin sent me here.", "Old man with grey hair asking.",
    "No idea what I am doing.", "Happy new year everyone!", "This has been bugging me since yesterday:",
    "Hope somebody is awake.", "Desperate now.", "Dear experts,", "Everybody laughs at me.",
    "Never thought I would ask this.", "Sitting here with cold coffee.", "Third attempt, other sites were useless.",
    "Honest question from a beginner:",
)  # fmt: skip
THANKS = (
    "Thanks!", "Thank you in advance.", "Any help appreciated.", "Cheers", "Please help.",
    "I searched but found nothing.", "I don't have much patience left.", "The manual is useless.", "Not urgent.",
    "You people are wonderful.", "Kind regards, Pieter", "Simple words please.", "Support never picked up.",
    "Sent in a hurry.", "I owe you cake.", "Forgive my English.", "My grandmother could do it once.",
    "Looking forward to your wisdom.", "It worked last century.", "Bonus points for humour.", "Hugs from Lisbon",
    "Yours, a desperate beginner", "No rush, really.", "Whoever knows is my hero.",
)  # fmt: skip
#: Syllables of coined names.
FIRST = (
    "vel", "tor", "mib", "kan", "dru", "fles", "gor", "hul", "jas", "lun", "nex", "pra", "quo", "rin", "sog", "wim",
)  # fmt: skip
LAST = (
    "ka", "do", "ra", "nix", "lo", "vi", "mo", "zu", "pet", "gan", "fi", "bex",
)  # fmt: skip
