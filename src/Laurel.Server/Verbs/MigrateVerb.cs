using System.CommandLine;
using Laurel.Server.Hosting;

namespace Laurel.Server.Verbs;

/// <summary><c>migrate</c>: brings the schema up to date, for those who do it apart from starting.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var command = new Command("migrate", "Creates the schema or brings it up to date.");
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            var applied = await LaurelNode.MigrateAsync(settings, TimeProvider.System, cancellationToken);
            foreach (var migration in applied)
            {
                Console.WriteLine($"applied {migration.Number:D4} {migration.Name}");
            }

            Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : $"{applied.Count} migrations applied.");
            return 0;
        }));
        return command;
    }
}
