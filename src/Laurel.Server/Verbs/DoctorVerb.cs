using System.CommandLine;
using Laurel.Server.Diagnosis;

namespace Laurel.Server.Verbs;

/// <summary><c>doctor</c>: says what is wrong with an installation and how to mend it. Exit code 1 when something is.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var command = new Command("doctor", "Says what is wrong with this installation and how to mend it; exit code 1 when something is.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var findings = await Doctor.ExamineAsync(parsed.GetValue(VerbOptions.Data), parsed.GetValue(VerbOptions.Urls), TimeProvider.System, cancellationToken);
            foreach (var finding in findings)
            {
                Show(finding);
            }

            var faults = findings.Count(finding => finding.Severity == Severity.Fault);
            Console.WriteLine(faults == 0 ? "Nothing is wrong." : $"{faults} of {findings.Count} findings are faults.");
            return faults == 0 ? 0 : 1;
        });
        return command;
    }

    private static void Show(Finding finding)
    {
        Console.WriteLine($"{MarkOf(finding.Severity),-8}{finding.Subject,-12}{finding.Text}");
        if (finding.Remedy is { } remedy)
        {
            Console.WriteLine($"{"",-20}-> {remedy}");
        }
    }

    private static string MarkOf(Severity severity) => severity switch
    {
        Severity.Fine => "ok",
        Severity.Warning => "warning",
        Severity.Fault => "FAULT",
    };
}
