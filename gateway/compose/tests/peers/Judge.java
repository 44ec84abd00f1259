import java.io.File;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.parser.PreflightParser;

/** Says whether Apache PDFBox Preflight takes files for PDF/A-1b: for each `valid`, or what is wrong, one fault a line. */
public class Judge {
    public static void main(String[] arguments) throws Exception {
        for (String name : arguments) {
            judge(new File(name));
        }
    }

    private static void judge(File file) throws Exception {
        PreflightParser parser = new PreflightParser(file);
        parser.parse();
        try (PreflightDocument document = parser.getPreflightDocument()) {
            document.validate();
            ValidationResult result = document.getResult();
            if (result.isValid()) {
                System.out.println("valid");
            }
            for (ValidationResult.ValidationError error : result.getErrorsList()) {
                System.out.println(error.getErrorCode() + " " + error.getDetails());
            }
        }
    }
}
