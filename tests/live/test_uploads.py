"""Files on their way in over REST: forms of both dialects, what is stored of them, what messages show."""

from uuid import UUID, uuid4

from tests.blobs.papers import office, pdf
from tests.blobs.pictures import encoded, photograph, picture
from tests.live.files import post_files, send_files, uploaded
from tests.live.people import Person
from tests.live.v1 import history, opened

PNG = encoded(picture(), "PNG")
Pair = tuple[Person, Person]


async def test_t047_a_form_with_one_png_is_a_message_of_type_image(pair: Pair) -> None:
    """Dialect A: media[0] has url and thumbnail; the receiver reads the same."""
    one, other = pair
    chat = await one.conversation(other)
    answer = await post_files(one, chat, ("photo.png", "image/png", PNG))
    assert answer.status == 201
    sent = answer.data
    assert (sent["type"], sent["content"]) == ("image", None)
    (media,) = sent["media"]
    assert media["type"] == "image"
    assert media["url"].startswith("/uploads/messages/images/")
    assert media["thumbnailUrl"].startswith("/uploads/messages/images/thumbnails/")
    assert (media["width"], media["height"]) == (320, 240)
    assert media["filename"] == media["originalFilename"] == "photo.png"
    assert (await other.messages(chat))[0]["media"] == [media]
    assert (await other.get(f"messages/{sent['id']}")).data["media"] == [media]


async def test_t048_ten_images_pass_and_eleven_do_not(pair: Pair) -> None:
    """Dialect A; the eleventh is refused, and nothing of the ten is left."""
    one, other = pair
    chat = await one.conversation(other)
    small = encoded(picture(32, 24), "PNG")
    ten = [(f"{number}.png", "image/png", small) for number in range(10)]
    answer = await post_files(one, chat, *ten)
    assert answer.status == 201
    assert [media["filename"] for media in answer.data["media"]] == [name for name, _, _ in ten]
    answer = await post_files(one, chat, *ten, ("10.png", "image/png", small))
    assert answer.refusal == (400, "VALIDATION_ERROR", "Maximum 10 images per message")
    assert len(await one.messages(chat)) == 1


async def test_t136_a_photograph_is_made_smaller_and_keeps_its_ratio(pair: Pair) -> None:
    """Dialect B: a JPEG of 3000x2000 with GPS is stored with at most 1920 on a side."""
    (found,) = await uploaded(pair[0], ("holiday.jpg", "image/jpeg", photograph(3000, 2000)), type="image")
    assert (found["width"], found["height"]) == (1920, 1280)
    assert found["size"] < len(photograph(3000, 2000))


async def test_t137_an_upload_answers_what_is_known_of_each_file(pair: Pair) -> None:
    """Type, url, thumbnail of images alone, name, size, type; the name on disk is a UUID."""
    image, paper = await uploaded(
        pair[0], ("photo.png", "image/png", PNG), ("paper.pdf", "application/pdf", pdf()), type="file"
    )
    assert {"id", "type", "url", "thumbnail_url", "filename", "original_filename", "size", "mime_type"} <= image.keys()
    assert "thumbnail_url" not in paper
    assert (paper["type"], paper["mime_type"], paper["size"]) == ("file", "application/pdf", len(pdf()))
    for found in (image, paper):
        stem = found["url"].rpartition("/")[2].partition(".")[0]
        assert UUID(stem).version == 4
        assert stem == found["id"]


async def test_t147_uploads_are_sent_and_come_back_in_history_and_frames(pair: Pair) -> None:
    """Dialect B: 201; history and `new_message` show the same attachments."""
    one, other = pair
    chat = await opened(one, other)
    files = await uploaded(one, ("photo.png", "image/png", PNG), type="image")
    async with other.socket(path="/v1/ws/messages") as socket:
        answer = await send_files(one, chat, "image", files[0]["id"], content="Look!")
        assert answer.status == 201
        assert answer.data["attachments"] == files
        frame = await socket.expect("new_message")
        assert frame.payload["attachments"] == files
        assert frame.payload["content"] == "Look!"
    assert (await history(other, chat))["messages"][0]["attachments"] == files


async def test_t147_an_upload_is_named_by_its_url_as_well(pair: Pair) -> None:
    """As the seed's clients do (B-30); what else they say of it is not believed (B-31)."""
    one, other = pair
    chat = await opened(one, other)
    (paper,) = await uploaded(one, ("paper.pdf", "application/pdf", pdf()))
    named = {"type": "image", "url": paper["url"], "filename": "other.exe", "size": 1, "mime_type": "text/html"}
    body = {"message_type": "file", "attachments": [named]}
    answer = await one.post(f"/v1/conversations/{chat}/messages", body)
    assert answer.data["attachments"] == [paper]


async def test_t148_images_and_files_go_as_one_message(pair: Pair) -> None:
    """Mixed they go as `file` (G-28)."""
    one, other = pair
    chat = await opened(one, other)
    files = await uploaded(one, ("a.png", "image/png", PNG), ("b.docx", None, office("docx")), type="file")
    answer = await send_files(one, chat, "file", *(file["id"] for file in files))
    assert [file["type"] for file in answer.data["attachments"]] == ["image", "file"]
    refused = await send_files(one, chat, "image", *(file["id"] for file in files))
    assert refused.status == 400


async def test_t152_the_upload_of_somebody_else_is_not_sent(pair: Pair) -> None:
    """By id or by URL: refused, and nobody's message."""
    one, other = pair
    chat = await opened(one, other)
    (theirs,) = await uploaded(other, ("photo.png", "image/png", PNG))
    answer = await send_files(one, chat, "image", theirs["id"])
    assert answer.refusal == (403, "FORBIDDEN", "This attachment is not yours")
    body = {"message_type": "image", "attachments": [{"url": theirs["url"]}]}
    assert (await one.post(f"/v1/conversations/{chat}/messages", body)).status == 403
    assert (await send_files(one, chat, "image", str(uuid4()))).refusal == (
        400,
        "VALIDATION_ERROR",
        "Unknown attachment",
    )
    assert (await history(one, chat))["messages"] == []
    assert (await send_files(other, chat, "image", theirs["id"])).status == 201


async def test_an_upload_is_part_of_one_message_alone(pair: Pair) -> None:
    """Also when two sends of it go at once."""
    one, other = pair
    chat = await opened(one, other)
    (file,) = await uploaded(one, ("photo.png", "image/png", PNG))
    assert (await send_files(one, chat, "image", file["id"])).status == 201
    again = await send_files(one, chat, "image", file["id"])
    assert again.refusal == (400, "VALIDATION_ERROR", "This attachment is already part of a message")


async def test_a_form_sent_again_with_its_key_is_one_message(pair: Pair) -> None:
    """The repeat is answered the original, other bytes under the key are a conflict, and neither leaves files behind."""
    one, other = pair
    chat = await one.conversation(other)
    key = str(uuid4())
    first = await post_files(one, chat, ("photo.png", "image/png", PNG), key=key)
    again = await post_files(one, chat, ("photo.png", "image/png", PNG), key=key)
    assert (first.status, again.status) == (201, 200)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    different = await post_files(one, chat, ("photo.png", "image/png", encoded(picture(33, 33), "PNG")), key=key)
    assert different.status == 409
    assert len(await one.messages(chat)) == 1


async def test_files_go_over_sockets_by_their_ids(pair: Pair) -> None:
    """In both dialects, as over REST."""
    one, other = pair
    chat = await one.conversation(other)
    first, second = await uploaded(one, ("a.png", "image/png", PNG), ("b.png", "image/png", PNG))
    async with one.socket() as socket:
        await socket.send("message.send", conversationId=chat, type="image", media=[{"id": first["id"]}])
        frame = await socket.expect("message.sent")
        assert [media["id"] for media in frame.payload["message"]["media"]] == [first["id"]]
    async with one.socket(path="/v1/ws/messages") as socket:
        named = [{"id": second["id"]}]
        await socket.send("message", conversation_id=chat, message_type="image", attachments=named)
        frame = await socket.expect("message_sent")
        assert [file["id"] for file in frame.payload["attachments"]] == [second["id"]]
