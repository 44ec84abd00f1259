/* What the programs on OpenPACE share: bytes, hexadecimal digits, elements. */

#include <eac/eac.h>
#include <eac/pace.h>
#include <openssl/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 17 };

static BUF_MEM *buffer(const unsigned char *bytes, size_t length)
{
    BUF_MEM *made = BUF_MEM_new();
    if (!made || !BUF_MEM_grow(made, length ? length : 1))
        exit(3);
    memcpy(made->data, bytes, length);
    made->length = length;
    return made;
}

static BUF_MEM *from_hex(const char *text)
{
    static unsigned char bytes[LONGEST];
    size_t length = 0;
    unsigned byte;
    while (length < sizeof bytes && sscanf(text, "%2x", &byte) == 1) {
        bytes[length++] = byte;
        text += 2;
    }
    return buffer(bytes, length);
}

/* Appends an element. */
static size_t put(unsigned char *to, unsigned tag, const void *value, size_t length)
{
    unsigned char *at = to;
    if (tag > 0xff)
        *at++ = tag >> 8;
    *at++ = tag;
    if (length >= 0x100) {
        *at++ = 0x82;
        *at++ = length >> 8;
    } else if (length >= 0x80) {
        *at++ = 0x81;
    }
    *at++ = length;
    memcpy(at, value, length);
    return at + length - to;
}

/* Finds an element among others; its tag has one byte. */
static const unsigned char *get(const unsigned char *at, size_t left, unsigned tag, size_t *length)
{
    while (left >= 2) {
        size_t head = 2, size = at[1];
        if (size == 0x81 && left >= 3) {
            size = at[2];
            head = 3;
        } else if (size == 0x82 && left >= 4) {
            size = at[2] << 8 | at[3];
            head = 4;
        }
        if (head + size > left)
            return NULL;
        if (at[0] == tag) {
            *length = size;
            return at + head;
        }
        at += head + size;
        left -= head + size;
    }
    return NULL;
}
