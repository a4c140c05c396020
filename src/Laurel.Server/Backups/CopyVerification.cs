using Laurel.Membership.Verification;

namespace Laurel.Server.Backups;

/// <summary>Proves a copy with the product's own verification.</summary>
internal static class CopyVerification
{
    /// <exception cref="BackupException">When an invariant fails.</exception>
    public static async Task RequireSoundAsync(Verifier verifier, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        var report = await verifier.RunAsync(new Told(progress), cancellationToken);
        if (!report.Holds)
        {
            var broken = report.Invariants.Where(invariant => invariant.Failed > 0).Select(invariant => $"{invariant.Code} fails {invariant.Failed} times");
            throw new BackupException($"The copy is not sound: {string.Join(", ", broken)}. Run laurel verify on the database it was taken from.");
        }
    }

    private sealed class Told(IProgress<BackupProgress> progress) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) =>
            progress.Report(new BackupProgress("Verifying " + value.Step, value.Done, value.Total));
    }
}
