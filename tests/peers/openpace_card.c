/* A chip on OpenPACE (libeac), an implementation that nobody of this project wrote: PACE, then secure messaging, then the
   files of a travel document. It takes commands on stdin and gives responses on stdout, one a line, as hexadecimal digits.

     openpace_card can|mrz SECRET EF-CARDACCESS [ID CONTENT]...

   SECRET is the card access number, or all lines of the machine readable zone; the files are hexadecimal digits, their IDs
   four of them. Each wrong command ends secure messaging, as a chip does it. */

#include "openpace.h"

enum { FILES = 16 };

static EAC_CTX *eac;
static PACE_SEC *secret;
static BUF_MEM *terminal, *own;
static int secure, selected = -1, files;
static struct { unsigned id; BUF_MEM *content; } file[FILES];

static unsigned answer_pace(const unsigned char *data, size_t length, unsigned char *out, size_t *written)
{
    size_t inner, size = 0;
    const unsigned char *objects = get(data, length, 0x7c, &inner), *value;
    unsigned char object[1024];
    BUF_MEM *made = NULL, *in;
    unsigned tag;
    if (!objects)
        return 0x6a80;
    if (inner == 0) {
        tag = 0x80;
        made = PACE_STEP1_enc_nonce(eac, secret);
    } else if ((value = get(objects, inner, 0x81, &size))) {
        tag = 0x82;
        made = PACE_STEP3A_generate_mapping_data(eac);
        if (!made || !PACE_STEP3A_map_generator(eac, buffer(value, size)))
            return 0x6a80;
    } else if ((value = get(objects, inner, 0x83, &size))) {
        tag = 0x84;
        terminal = buffer(value, size);
        own = made = PACE_STEP3B_generate_ephemeral_key(eac);
        if (!made || !PACE_STEP3B_compute_shared_secret(eac, terminal) || !PACE_STEP3C_derive_keys(eac))
            return 0x6a80;
    } else if ((value = get(objects, inner, 0x85, &size)) && terminal) {
        tag = 0x86;
        in = buffer(value, size);
        if (PACE_STEP3D_verify_authentication_token(eac, in) != 1)
            return 0x6300;
        made = PACE_STEP3D_compute_authentication_token(eac, terminal);
        if (!made || !EAC_CTX_set_encryption_ctx(eac, EAC_ID_PACE))
            return 0x6f00;
    } else {
        return 0x6a80;
    }
    if (!made)
        return 0x6f00;
    size = put(object, tag, made->data, made->length);
    *written = put(out, 0x7c, object, size);
    secure = tag == 0x86;
    return 0x9000;
}

static unsigned answer_plain(const unsigned char *head, const unsigned char *data, size_t length, size_t expected,
                             unsigned char *out, size_t *written)
{
    size_t offset;
    int at;
    if (head[1] == 0xa4 && head[2] == 4)
        return 0x9000;
    if (head[1] == 0xa4 && length == 2) {
        unsigned id = data[0] << 8 | data[1];
        for (at = 0; at < files && file[at].id != id; at++)
            ;
        if (at == files)
            return 0x6a82;
        if (id != 0x011c && !secure)
            return 0x6982;
        selected = at;
        return 0x9000;
    }
    if (head[1] == 0xb0 && selected >= 0) {
        offset = head[2] << 8 | head[3];
        if (offset > file[selected].content->length)
            return 0x6b00;
        *written = file[selected].content->length - offset;
        if (*written > expected)
            *written = expected;
        memcpy(out, file[selected].content->data + offset, *written);
        return *written < expected ? 0x6282 : 0x9000;
    }
    if (head[1] == 0x22)
        return head[2] == 0xc1 && head[3] == 0xa4 ? 0x9000 : 0x6a80;
    if (head[1] == 0x86)
        return answer_pace(data, length, out, written);
    return 0x6d00;
}

/* Opens a protected command, answers it, and protects the answer. */
static unsigned answer_secure(const unsigned char *head, const unsigned char *data, size_t length, unsigned char *out,
                              size_t *written)
{
    static unsigned char signed_part[LONGEST], plain[LONGEST];
    size_t size = 0, code_size = 0, at, block, expected = 0, objects;
    const unsigned char *sealed, *code, *wanted;
    BUF_MEM *header = buffer(head, 4), *padded, *opened = NULL, *made;
    unsigned status;
    if (!EAC_increment_ssc(eac) || !(padded = EAC_add_iso_pad(eac, header)) || !(code = get(data, length, 0x8e, &code_size)))
        return 0x6988;
    block = padded->length;
    memcpy(signed_part, padded->data, block);
    at = block;
    /* All before the code. */
    objects = (size_t)(code - 2 - data);
    if (objects) {
        memcpy(signed_part + at, data, objects);
        made = EAC_add_iso_pad(eac, buffer(data, objects));
        memcpy(signed_part + at, made->data, made->length);
        at += made->length;
    }
    if (EAC_verify_authentication(eac, buffer(signed_part, at), buffer(code, code_size)) != 1)
        return 0x6988;
    if ((sealed = get(data, length, 0x87, &size))) {
        if (!(made = EAC_decrypt(eac, buffer(sealed + 1, size - 1))) || !(opened = EAC_remove_iso_pad(made)))
            return 0x6988;
    }
    if ((wanted = get(data, length, 0x97, &size))) {
        expected = size == 2 ? (size_t)(wanted[0] << 8 | wanted[1]) : wanted[0];
        if (!expected)
            expected = size == 2 ? 65536 : 256;
    }
    size = 0;
    status = answer_plain(head, opened ? (unsigned char *)opened->data : NULL, opened ? opened->length : 0, expected, plain, &size);
    if (!EAC_increment_ssc(eac))
        return 0x6f00;
    at = 0;
    if (size) {
        static unsigned char value[LONGEST];
        made = EAC_encrypt(eac, EAC_add_iso_pad(eac, buffer(plain, size)));
        value[0] = 1;
        memcpy(value + 1, made->data, made->length);
        at = put(out, 0x87, value, made->length + 1);
    }
    plain[0] = status >> 8;
    plain[1] = status;
    at += put(out + at, 0x99, plain, 2);
    made = EAC_authenticate(eac, EAC_add_iso_pad(eac, buffer(out, at)));
    at += put(out + at, 0x8e, made->data, made->length);
    *written = at;
    return status;
}

int main(int count, char **words)
{
    static char line[2 * LONGEST];
    static unsigned char out[LONGEST];
    BUF_MEM *access;
    int at;
    if (count < 4)
        return 2;
    EAC_init();
    eac = EAC_CTX_new();
    secret = PACE_SEC_new(words[2], strlen(words[2]), strcmp(words[1], "can") ? PACE_MRZ : PACE_CAN);
    access = from_hex(words[3]);
    if (!eac || !secret || !EAC_CTX_init_ef_cardaccess((unsigned char *)access->data, access->length, eac))
        return 4;
    eac->tr_version = EAC_TR_VERSION_2_02;
    file[files].id = 0x011c;
    file[files++].content = access;
    for (at = 4; at + 1 < count && files < FILES; at += 2) {
        file[files].id = strtoul(words[at], NULL, 16);
        file[files++].content = from_hex(words[at + 1]);
    }
    while (fgets(line, sizeof line, stdin)) {
        BUF_MEM *command = from_hex(line);
        const unsigned char *bytes = (unsigned char *)command->data, *data = bytes + 5;
        size_t length = command->length, lc = 0, written = 0, expected = 256;
        unsigned status = 0x6700;
        if (length > 5 && bytes[4] == 0 && length > 7) {
            lc = bytes[5] << 8 | bytes[6];
            data = bytes + 7;
        } else if (length > 5) {
            lc = bytes[4];
        } else if (length == 5 && bytes[4]) {
            expected = bytes[4];
        }
        if (length >= 4 && data + lc <= bytes + length + 1) {
            if (bytes[0] & 0x0c && secure) {
                status = answer_secure(bytes, data, lc, out, &written);
                secure = status != 0x6988;
            } else if (bytes[0] & 0x0c) {
                status = 0x6882;
            } else {
                secure = 0;
                status = answer_plain(bytes, data, lc, expected, out, &written);
            }
        }
        for (at = 0; at < (int)written; at++)
            printf("%02X", out[at]);
        printf("%04X\n", status);
        fflush(stdout);
    }
    return 0;
}
