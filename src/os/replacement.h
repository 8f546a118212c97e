/*
 * replacement: what files that are written beside the old one, and then take its place, have in
 * common. Private to this folder.
 *
 * 0 or an errno where not said otherwise.
 */
#ifndef NETCHECK_REPLACEMENT_H
#define NETCHECK_REPLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* How much of a path is its folder, the slash included; 0: the working folder. */
size_t replacement_folder_len(const char *path);

/* The folder that a path is in, to be freed; NULL without memory. */
char *replacement_folder(const char *path);

bool replacement_is_same(const struct stat *a, const struct stat *b);

/*
 * What rename() would say of the old file, as far as that is known before: EPERM where only its
 * owner may, as in /tmp; EBUSY where something is mounted on it.
 */
int replacement_check(const char *path, const struct stat *old);

/*
 * Give a new file the mode and the owner of the old one, as far as that is allowed: only root
 * gives an owner away, and file systems without modes have the same one for all.
 */
int replacement_resemble(int fd, const struct stat *old);

/* Write all of it, however long that takes. */
int replacement_write(int fd, const void *bytes, size_t len);

/* Put it on the disk, where its file system has anything to be synced. */
int replacement_sync(int fd);

/* The same of the folder that the path is in, so that a new name survives a crash. A folder
   that cannot be read cannot be synced, which is no error. */
int replacement_sync_folder(const char *path);

#endif
