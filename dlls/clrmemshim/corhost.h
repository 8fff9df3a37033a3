/*
 * ICorRuntimeHost and what it hands out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_CORHOST_H
#define CLRMEM_SHIM_CORHOST_H

#include "framework.h"

/* corhost.c: replaces the methods of Wine's object. */
void shim_meet_cor_host(ICorRuntimeHost *host);

/* corconfig.c: the object that GetConfiguration gives; static. Its IGCThreadControl, or NULL. */
ICorConfiguration *shim_cor_configuration(void);
IGCThreadControl *shim_gc_thread_control(void);

/* domainenum.c; the calling thread has entered a domain. S_FALSE and NULL after the last domain, E_INVALIDARG for what is
 * no open enumeration. */
HRESULT shim_enum_domains(HDOMAINENUM *handle);
HRESULT shim_next_domain(HDOMAINENUM handle, IUnknown **out);
HRESULT shim_close_enum(HDOMAINENUM handle);

#endif
