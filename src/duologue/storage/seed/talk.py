"""What the people of the seed say to each other: small talks of two, `>` who begins, `<` the other; `{slots}` are filled anew each time.

Texts only. Who says what to whom and when is story.py's.
"""

SLOTS = {
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "time": ("half past seven", "8", "noon", "six", "quarter to nine", "around 5", "19:30"),
    "place": ("the station", "the old bridge", "my place", "the harbour", "Café Milena", "the park", "the library"),
    "dish": ("ramen", "shakshuka", "mushroom risotto", "dal", "tacos", "pierogi", "the lemon pasta", "a huge salad"),
    "thing": ("ladder", "drill", "tent", "stand mixer", "bike pump", "projector", "sewing machine", "kayak"),
    "animal": ("cat", "puppy", "parrot", "hedgehog", "tortoise"),
    "city": ("Lisbon", "Kraków", "Oaxaca", "Kyoto", "Tbilisi", "Bergen", "Valparaíso", "Ghent"),
    "film": ("the new Kaurismäki", "that octopus documentary", "the heist one", "the restored print of Playtime"),
    "recipe": (
        "https://example.com/recipes/lemon-pasta",
        "https://example.com/recipes?q=no+knead+bread",
        "https://en.wikipedia.org/wiki/Sourdough",
    ),
    "walk": (
        "https://example.org/walks/along-the-river.html",
        "https://www.openstreetmap.org/#map=13/52.5200/13.4050",
        "https://www.openstreetmap.org/#map=14/60.3925/5.3233",
    ),
    "tickets": ("https://example.com/tickets?show=friday&seats=2", "https://example.com/tickets?row=7"),
    "count": ("two", "three", "four", "five", "six"),
    "price": ("12 euros", "about 40", "nearly 90", "7.50 each"),
}

TALKS = (
    """
    > Hey {name}, are you around on {day}?
    < I think so! What's up?
    > A few of us want to go to {place}, would be nice if you came
    < Oh I'd love to. What time?
    > {time}?
    < Perfect, see you there 🙂
    """,
    """
    > Did you manage to fix the {thing}?
    < Not yet, one screw is completely stuck
    > Try a bit of oil and wait overnight
    < Good idea. If that fails I'll bring it over on {day}
    > Sure, I'm home from {time}
    """,
    """
    > I made {dish} last night and I can't stop thinking about it
    < Recipe please!
    > {recipe} but I used half the salt
    < Half?
    > Trust me
    < Okay okay. Trying it on {day}, I'll report back
    > 😄
    """,
    """
    > Are we still on for {day}?
    < Yes! {place} at {time}, right?
    > Right. I might be ten minutes late, the trams are a mess
    < No worries, I'll bring a book
    """,
    """
    > Could I borrow your {thing} this week?
    < Of course, when do you need it?
    > {day} if that works
    < Works. It's in the cellar, just ring when you're at the door
    > You're the best, thank you!
    < Just don't let {friend} near it again
    > Haha, promised
    """,
    """
    > You won't believe it, we're getting a {animal}
    < WHAT
    < Since when do you want a {animal}??
    > Since {day} apparently
    < Pictures or it didn't happen
    > As soon as it stops hiding behind the sofa
    < Has it got a name yet?
    > The kids say Captain. I say no. So it's Captain.
    """,
    """
    > How was {city}?
    < So good. We walked about twenty kilometres a day and ate the rest of the time
    > That's the only way to do it
    < I'll show you the photos when we meet. There are {count} hundred of them, sorry in advance
    > I'll bring snacks
    """,
    """
    > Quick question, do you have the address of that dentist?
    < The one near {place}?
    > Yes
    < Give me a minute, I'll look
    < Found it, number 14, second floor. Ask for the early appointment, then you don't wait
    > Lifesaver, thanks
    """,
    """
    > Have you seen {film}?
    < Not yet, is it worth it?
    > The first half hour is slow, then it's wonderful
    < Then let's go on {day}? I'd see it with you again
    > Deal. I'll get tickets: {tickets}
    < Take the seats in the middle please 🙏
    """,
    """
    > My train is cancelled. Of course it is.
    < Oh no, where are you stuck?
    > Somewhere between nowhere and {city}
    < Do you want me to pick you up?
    > No no, there is a bus in {count} hours 😂
    < Call if it doesn't come, I mean it
    > I will. Thank you ❤️
    """,
    """
    > Happy birthday, {name}!! 🎉
    < Thank you!! That's so kind
    > Any plans?
    < Cake at {place}, {time}, come if you can
    > I'll be there, and I'm bringing {dish}
    < You don't have to
    > Too late, it's in the oven
    """,
    """
    > I'm reading the book you gave me
    < And??
    > I was up until three
    < Told you. Wait for the chapter with the letter
    > No spoilers!
    < I've said nothing
    """,
    """
    > Do you remember what we paid for the tickets last time?
    < {price}, I think
    > Then I still owe you
    < You got the coffee, we're even
    > We are not even, I keep a list
    < You what
    > A mental one. Mostly.
    """,
    """
    > Did the interview go well?
    < I honestly can't tell. They smiled a lot
    > Smiling is good
    < One of them asked what kind of {animal} I would be
    > ...and?
    < I panicked and said a spoon
    > You're getting that job
    < They call on {day}. Fingers crossed
    > All of them
    """,
    """
    > Morning! Run before work tomorrow?
    < If it doesn't rain
    > It will rain
    < Then no
    > {name}.
    < Fine. {time}, {place}. I'm complaining the whole way
    > That's what I come for
    """,
    """
    > The neighbours are drilling again
    < It's {day} evening!
    > I know. I'm going to bake something and be annoyingly nice about it
    < Passive-aggressive sourdough, I love it
    > {recipe}
    < Save me a slice
    """,
    """
    > I left my scarf at yours, didn't I?
    < Green one? It's on the hook by the door
    > Phew. I'll fetch it on {day}
    < Stay for dinner then, I'm making {dish}
    > You don't have to ask twice
    """,
    """
    > What should I bring on {day}?
    < Nothing! Well, maybe bread
    > Bread it is. How many are we?
    < {count}, or one more if {friend} makes it
    > Two loaves then
    < 👍
    """,
    """
    > Is the heating working at yours?
    < No, and the landlord says he "has noted it"
    > He noted it last winter as well
    < I'm wearing two jumpers and a blanket
    > Come over, we have tea and a working radiator
    < On my way
    """,
    """
    > I've sent you the draft, no hurry
    < Got it! Reading tonight
    > Be honest please
    < I'm always honest, that's why you asked me
    < First impression: the beginning is great, the middle wants to be shorter
    > Ouch. But yes
    < I marked the places. We can go through them on {day}
    > Thank you, really
    """,
    """
    > Guess who I met at {place}
    < No idea
    > {friend}!
    < No way! How is everybody?
    > Moved to {city}, two kids, still laughs at every joke
    < I've missed that laugh. We should all meet
    > I said the same. I'll ask about {day}
    """,
    """
    > Can you check whether my bike is still in front of the house?
    < Looking
    < Yes, it's there, with a flat tyre
    > Oh great
    < I can lend you the {thing}, no idea whether it helps
    > 😂 it does not, but thank you
    """,
    """
    > The exam is on {day} and I know nothing
    < You know plenty, you explained half of it to me
    > Explaining it to you is not explaining it to a professor
    < Rude
    < Test me tonight at {time}?
    > Yes please
    """,
    """
    > I think I've finally understood how to fold a fitted sheet
    < Nobody has ever understood that
    > It takes two people and no dignity
    < I need a demonstration
    > {day}, {place}, bring a sheet
    < People will stare
    > Let them learn
    """,
    """
    > Did you hear the storm last night?
    < Hear it? It took {count} flower pots and my chair
    > Is everything else all right?
    < Yes, only the tomatoes are in mourning
    > I have seedlings left, do you want some?
    < You'd save my summer
    """,
    """
    > Small favour: could you water my plants next week?
    < Sure, same key as last time?
    > Same key. The big one gets a lot, the cactus gets nothing, please not even a little
    < I've learned. Where are you off to?
    > {city}, {count} days, my phone stays at home
    < Enjoy every minute
    """,
    """
    > Found a walk for {day}: {walk}
    < Looks lovely. How long is it?
    > Three hours, or four with cake
    < Four then
    > I like how you think
    < Shall I ask {friend} as well?
    > Yes, the more the merrier
    """,
    """
    > I can't find the document you mentioned
    < Third folder, it's called "final_final_2"
    > Of course it is
    < I can rename it
    > Please don't, it has character
    """,
    """
    > My sister has had the baby! 🥹
    < Congratulations!! Is everybody well?
    > Everybody tired and happy. She's called Mila
    < What a lovely name. Give them a hug from me
    > I will, we're driving over on {day}
    < I'm knitting something at once
    > You can't knit, {name}
    < I have {count} weeks to learn
    """,
    """
    > Do you know whether the shop at {place} opens on {day}?
    < Only until {time}
    > Then I have to run
    < Could you get me some of those olives?
    > The wrinkly ones?
    < The wrinkly ones
    > They were {price} last time
    < Worth it
    """,
    """
    > I've been thinking about what you said
    < Which part?
    > That I should just ask them
    < And?
    > I asked. They said yes!
    < I knew it!! I'm so happy for you
    > Drinks on me, {day}, {time}
    < I'm there
    """,
    """
    > If I write <3 here, does it still show?
    < It does, I see <3
    > Good. I don't trust machines
    < And 2 < 3 as well
    > Deep
    """,
    """
    > The list for {day}:
- candles
- something to drink
- the {thing}
Did I forget anything?
    < Music!
    > You're right. I'll make a playlist
    < No accordion this time
    > Define accordion
    < {name}.
    """,
    """
    > Voilà, the photo prints arrived and they are beautiful
    < Show me!
    > On {day}, they're too nice for a screen
    < You and your suspense
    > À bientôt 😌
    """,
)
