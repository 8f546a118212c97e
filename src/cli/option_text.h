/*
 * option_text: the options whose argument is what goes to a service, or comes from it: bytes
 * that the user writes with escapes.
 */
#ifndef NETCHECK_OPTION_TEXT_H
#define NETCHECK_OPTION_TEXT_H

#include "option_table.h"

option_apply option_text_apply_send;
option_apply option_text_apply_match;

#endif
