using System.CommandLine;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>sweep</c>: lets lapse what is due, once. The server does the same by itself.</summary>
internal static class SweepVerb
{
    public static Command Create()
    {
        var command = new Command("sweep", "Writes the expiry of points and holds that are due.");
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenAsync(settings, "sweep", TimeProvider.System, new LoggerFactory(), cancellationToken);
            var sweep = new Sweep(node.Database, node.Lanes, node.Books, TimeProvider.System);
            var settled = await AnsiConsole.Status().StartAsync(
                "Settling members…",
                context => sweep.RunAsync(new Progress<long>(count => context.Status($"Settling members… {count:N0}")), cancellationToken));
            var coupons = await new CouponSweep(node.Database, node.Lanes, node.Books, TimeProvider.System).RunAsync(cancellationToken);
            var uses = await new BenefitSweep(node.Database, node.Lanes, node.Books, TimeProvider.System).RunAsync(cancellationToken);
            Console.WriteLine($"{settled} members settled.");
            Console.WriteLine($"{coupons} coupons settled.");
            Console.WriteLine($"{uses} uses of benefits given back.");
            return 0;
        }));
        return command;
    }
}
