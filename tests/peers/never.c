/* A library that is never loaded to its end; see `bad_sane.c`. */

#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void load(void)
{
    if (write(atoi(getenv("NEVER_FD")), "", 1) != 1)
        abort();
    for (;;)
        pause();
}
