-- Undo of 0001: everything goes.
DROP TABLE user_events, positions, send_keys, links, messages, conversation_participants, conversations, blocks, follows,
    sessions, accounts, users, instance;
