/* A libsane ("SANE Standard" 1.06, chapter 4) with one scanner whose backend sends the beginning of a page and then never
   comes back: neither sane_read nor sane_cancel returns. For the test of how the driver ends such a process. */

#include <stddef.h>
#include <string.h>
#include <unistd.h>

typedef struct { const char *name, *vendor, *model, *type; } device;
typedef struct { int format, last_frame, bytes_per_line, pixels_per_line, lines, depth; } parameters;

static const device scanner = { "hung:0", "Nobody", "Hung", "flatbed scanner" };
static const device *devices[] = { &scanner, NULL };
static int sent;

static int never(void)
{
    for (;;)
        pause();
}

int sane_init(int *version, void *authorize) { (void)authorize; if (version) *version = 1 << 24; return 0; }
void sane_exit(void) { never(); }
int sane_get_devices(const device ***list, int local) { (void)local; *list = devices; return 0; }
int sane_open(const char *name, void **handle) { *handle = (void *)&scanner; return strcmp(name, "hung:0") ? 4 : 0; }
void sane_close(void *handle) { (void)handle; never(); }
const void *sane_get_option_descriptor(void *handle, int option) { (void)handle; (void)option; return NULL; }
int sane_control_option(void *handle, int option, int action, void *value, int *info)
{
    (void)handle; (void)option; (void)action; (void)value; (void)info;
    return 4;
}
int sane_get_parameters(void *handle, parameters *page)
{
    (void)handle;
    *page = (parameters){ 1, 1, 3000, 1000, 1000, 8 };
    return 0;
}
int sane_start(void *handle) { (void)handle; return 0; }
int sane_read(void *handle, unsigned char *data, int max, int *length)
{
    (void)handle;
    if (sent >= 900000)
        never();
    memset(data, 200, max);
    sent += *length = max;
    return 0;
}
void sane_cancel(void *handle) { (void)handle; never(); }
