"""The XMP packet that declares one file to be both PDF/A-3a and PDF/UA-1.

WeasyPrint declares one of the two; PDF/A wants every other schema that is used to be described inside the packet
(ISO 19005-3, 6.6.2.3), so the description of `pdfuaid` goes along. A letter built this way passed veraPDF for both when
this was designed; what can be checked without it is in the tests.
"""

from __future__ import annotations

from typing import Any

_BOTH = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_END = b"</rdf:RDF>"


def archival(metadata: Any) -> Any:
    """Return WeasyPrint's `metadata` so that it writes both declarations."""
    plain = metadata.generate_rdf_metadata

    def both(variant: str, version: int, conformance: str) -> bytes:
        packet: bytes = plain(variant, version, conformance)
        if not packet.endswith(_END):
            raise AssertionError("WeasyPrint's XMP packet no longer ends with its RDF element")
        return packet.removesuffix(_END) + _BOTH + _END

    metadata.generate_rdf_metadata = both
    return metadata
