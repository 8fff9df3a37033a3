/*
 * The GUIDs that the tests use, defined once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <windows.h>
#include <ole2.h>
#include <initguid.h>
#include <mscoree.h>
#include "hosting.h"
#include "clrmem_idl.h"

DEFINE_OLEGUID(IID_IUnknown, 0, 0, 0);
DEFINE_OLEGUID(IID_IClassFactory, 1, 0, 0);
