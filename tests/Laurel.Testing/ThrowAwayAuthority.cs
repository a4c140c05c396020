using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Laurel.Testing;

/// <summary>An authority for certificates that nobody but a test trusts; its files are gone when it is disposed.</summary>
public sealed class ThrowAwayAuthority : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-authority-");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public ThrowAwayAuthority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
        CertificateFile = Path.Combine(_folder.FullName, "authority.pem");
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
    }

    /// <summary>Its own certificate, as PEM.</summary>
    public string CertificateFile { get; }

    /// <summary>Signs a certificate for a host.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="expired">Whether it was good until yesterday.</param>
    /// <returns>The files of the certificate and of its key, as PEM.</returns>
    public (string Certificate, string Key) Sign(string host, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(_certificate, now.AddDays(-1.5), expired ? now.AddDays(-1) : now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        var file = Path.Combine(_folder.FullName, signed.SerialNumber);
        File.WriteAllText(file + ".pem", signed.ExportCertificatePem());
        File.WriteAllText(file + ".key", key.ExportPkcs8PrivateKeyPem());
        return (file + ".pem", file + ".key");
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }
}
